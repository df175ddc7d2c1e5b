"""Notices: what a role must hear of, each raised once and open until it is dealt with or its cause has gone.

A case that nobody may claim is told to the administrators: when it is accepted, and when grants change.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select, text, tuple_, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import new_id, now
from db.models import Case, Clinician, Notice
from db.models.cases import WAITING
from db.readers import somebody_may_read, somebody_reads

CLOSED = ("completed", "cancelled")
UNCLAIMABLE, ADMINISTRATOR = "unclaimable", "administrator"
# Open cases as the indexes know them. What awaits a second reading has had its first reader.
OPEN_PARTS = text(WAITING), text("status IN ('queued', 'assessing')"), text("status = 'in_review'")
SHOWN = 200
# An administrator needs to see that cases are stuck, not each of thousands: the most urgent are told first.
MOST = 100


def raise_notice(
    session: Session,
    kind: str,
    role: str,
    *,
    stage: int = 0,
    case_id: UUID | None = None,
    subject: str = "",
    detail: str = "",
) -> bool:
    """Tell a role, once for each kind, stage, case and subject; True when it is new."""
    notice = {
        "id": new_id(), "kind": kind, "role": role, "stage": stage, "case_id": case_id,
        "subject": subject, "detail": detail, "created_at": now(),
    }  # fmt: skip
    statement = insert(Notice).values(notice).on_conflict_do_nothing().returning(Notice.id)
    return session.scalar(statement) is not None


def open_notices(session: Session, role: str, limit: int = SHOWN) -> list[Notice]:
    """What this role has not dealt with yet, oldest first."""
    query = select(Notice).where(Notice.role == role, Notice.ended_at.is_(None))
    return list(session.scalars(query.order_by(Notice.created_at, Notice.id).limit(limit)))


def end(session: Session, notice_id: UUID, by: UUID) -> bool:
    """Somebody of the role that it is for has dealt with it; False when it is not open, or for others."""
    role = select(Clinician.role).where(Clinician.id == by).scalar_subquery()
    ended = session.scalar(
        update(Notice)
        .where(Notice.id == notice_id, Notice.role == role, Notice.ended_at.is_(None))
        .values(ended_at=now(), ended_by=by)
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    )
    return ended is not None


def alarm_if_unclaimable(
    session: Session, case_id: UUID, *, platform_id: UUID, region: str, language: str
) -> None:
    """Tell the administrators of a new case that nobody may claim. Call it in the case's own transaction."""
    if not somebody_may_read(session, platform_id, region, language):
        detail = _detail(platform_id, region, language)
        raise_notice(session, UNCLAIMABLE, ADMINISTRATOR, case_id=case_id, detail=detail)


def alarm_unclaimable(session: Session) -> int:
    """Tell the administrators of open cases that nobody may claim, and end what is true no longer.

    Safe to run at any moment, by any number of processes at once; how many are new. It asks once for each
    platform, region and language of the open cases, which stand in the indexes of the reading queue. What an
    administrator ended is not told again, and of very many cases the most urgent are told.
    """
    _end_claimable(session)
    group = Case.platform_id, Case.region, Case.language
    present = union(*(select(*group).where(part, ~Case.known) for part in OPEN_PARTS)).subquery()
    unread = session.execute(
        select(present).where(~somebody_reads(present.c.platform_id, present.c.region, present.c.language))
    ).all()
    room = MOST - _how_many_open(session)
    if not unread or room <= 0:
        return 0
    told = select(Notice.case_id).where(
        Notice.kind == UNCLAIMABLE, or_(Notice.ended_at.is_(None), Notice.ended_by.is_not(None))
    )
    is_stuck = or_(*OPEN_PARTS), ~Case.known, tuple_(*group).in_([tuple(row) for row in unread])
    stuck = session.execute(
        select(Case.id, *group)
        .where(*is_stuck, Case.id.not_in(told))
        .order_by(Case.rank, Case.due_at)
        .limit(room)
    ).all()
    return _raise_or_reopen(session, stuck) if stuck else 0


def _how_many_open(session: Session) -> int:
    is_open = Notice.kind == UNCLAIMABLE, Notice.ended_at.is_(None)
    return session.scalar(select(func.count()).select_from(Notice).where(*is_open)) or 0


def _end_claimable(session: Session) -> None:
    gone = select(Case.id).where(
        Case.id == Notice.case_id,
        or_(Case.status.in_(CLOSED), somebody_reads(Case.platform_id, Case.region, Case.language)),
    )
    session.execute(
        update(Notice)
        .where(Notice.kind == UNCLAIMABLE, Notice.ended_at.is_(None), gone.exists())
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )


def _raise_or_reopen(session: Session, stuck: Sequence[Row[UUID, UUID, str, str]]) -> int:
    """New notices, and old ones that had ended by themselves open again."""
    at = now()
    rows = [
        {
            "id": new_id(), "kind": UNCLAIMABLE, "role": ADMINISTRATOR, "stage": 0, "case_id": case_id,
            "subject": "", "detail": _detail(platform_id, region, language), "created_at": at,
        }
        for case_id, platform_id, region, language in stuck
    ]  # fmt: skip
    raised = (
        insert(Notice)
        .values(rows)
        .on_conflict_do_update(
            constraint="uq_notices_kind_stage_case_id_subject",
            set_={"ended_at": None, "created_at": at},
            where=and_(Notice.ended_at.is_not(None), Notice.ended_by.is_(None)),
        )
        .returning(Notice.id)
    )
    return len(session.execute(raised).all())


def _detail(platform_id: UUID, region: str, language: str) -> str:
    return f"platform:{platform_id} region:{region} language:{language}"

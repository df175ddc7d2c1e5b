"""Known cases: copies of decided ones, read like any other, to watch how well people read.

A copy belongs to a platform of its own that has no keys. It is never sent, never counted, and its rank is
that of a routine case, so it never stands ahead of a real case of `priority` or above.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.audit import first_entry
from db.ids import new_id, now
from db.image_store import ImageStore, lock_content
from db.models import Assessment, Case, Image, KnownCase, Platform, Review, SaliencyMap
from db.models.review_work import RESERVED_PLATFORM
from db.moves import move_one
from db.session import SessionFactory
from review.claims import actor
from review.deciding import standing_review
from review.shown_case import before_decisions
from triage import RANK, Level, Policy, due_at
from web.problem import conflict, not_found
from web.texts import marked as _l

RANK_AT_MOST_URGENT = RANK["routine"]


def seed(
    sessions: SessionFactory,
    images: ImageStore,
    policy: Policy,
    seeded_by: UUID,
    case_id: UUID,
    *,
    level: Level | None = None,
    diagnosis: str | None = None,
) -> UUID:
    """Copy a case whose decision is final; the copy's id.

    What it is known to be is the final decision, or `level` and `diagnosis` where given. Raises Problem: 404,
    or 409 when no decision is final.
    """
    platform_id = _reserved_platform(sessions)
    with sessions() as session:
        _copy_files(images, platform_id, _photographs(session, case_id))
    with sessions.begin() as session:
        source, decided = _decided(session, case_id)
        photographs = _photographs(session, case_id)
        # From now on no removal takes a file away; what one took meanwhile is put anew.
        lock_content(session, platform_id, list({image.sha256 for image in photographs}), shared=True)
        _copy_files(images, platform_id, photographs)
        copy = _copy_case(session, source, platform_id, policy, seeded_by)
        _copy_images(session, photographs, copy)
        _copy_assessments(session, source, copy)
        session.add(
            KnownCase(
                case_id=copy.id, source_case_id=source.id, seeded_by=seeded_by,
                level=level or source.level,
                diagnosis=diagnosis or decided.diagnosis,
            )
        )  # fmt: skip
        move_one(
            session, source.id, status=Case.status, action="case.copied", actor=actor(seeded_by),
            detail=f"case:{copy.id}",
        )  # fmt: skip
        return copy.id


def _reserved_platform(sessions: SessionFactory) -> UUID:
    with sessions.begin() as session:
        session.execute(
            insert(Platform)
            .values(id=new_id(), name=RESERVED_PLATFORM, created_at=now())
            .on_conflict_do_nothing()
        )
        return session.scalars(select(Platform.id).where(Platform.name == RESERVED_PLATFORM)).one()


def _decided(session: Session, case_id: UUID) -> tuple[Case, Review]:
    case = session.scalar(select(Case).where(Case.id == case_id, ~Case.known).with_for_update())
    if case is None:
        raise not_found("No case")
    review = standing_review(session, case.id)
    if case.status != "completed" or review is None or (case.final_at and case.final_at > now()):
        raise conflict(_l("Only a case whose decision is final can be copied as a known case."))
    return case, review


def _copy_case(session: Session, source: Case, platform_id: UUID, policy: Policy, seeded_by: UUID) -> Case:
    """The case as it stood before anybody decided, under another reference and as if it had just come."""
    at, case_id, stood = now(), new_id(), before_decisions(session, source)
    level = cast(Level, stood.get("level", source.level))
    reference = f"p-{case_id.hex[-8:]}"
    assessed = session.scalar(
        select(func.count()).where(Assessment.case_id == source.id, Assessment.round == source.round)
    )
    entry = first_entry(
        case_id, at=at, actor=actor(seeded_by), action="case.seeded", status="awaiting_review"
    )
    copy = Case(
        id=case_id, platform_id=platform_id, accepted_at=at, status="awaiting_review", known=True,
        patient_ref=reference, clinical=source.clinical | {"patient_ref": reference},
        region=source.region, language=source.language, blind=source.blind, round=source.round,
        provisional_level=source.provisional_level, provisional_reasons=source.provisional_reasons,
        provisional_flags=source.provisional_flags,
        provisional_due_at=due_at(at, cast(Level, source.provisional_level), policy),
        level=level, rank=max(RANK_AT_MOST_URGENT, RANK[level]), due_at=due_at(at, level, policy),
        flags=source.flags, reasons=stood.get("reasons", source.reasons), review_from=at, counted=[],
        assess_state="done" if assessed else "failed", audit_seq=1, audit_head=entry.hash,
    )  # fmt: skip
    session.add_all([copy, entry])
    session.flush()
    return copy


def _photographs(session: Session, case_id: UUID) -> Sequence[Image]:
    return session.scalars(select(Image).where(Image.case_id == case_id)).all()


def _copy_files(store: ImageStore, platform_id: UUID, photographs: Iterable[Image]) -> None:
    for image in photographs:
        if not store.exists(platform_id, image.sha256):
            store.put(platform_id, image.sha256, store.get(image.platform_id, image.sha256))


def _copy_images(session: Session, photographs: Iterable[Image], copy: Case) -> None:
    session.add_all(
        Image(**_columns(image) | {"id": new_id(), "case_id": copy.id, "platform_id": copy.platform_id})
        for image in photographs
    )


def _copy_assessments(session: Session, source: Case, copy: Case) -> None:
    for assessment in session.scalars(select(Assessment).where(Assessment.case_id == source.id)).all():
        assessed_at: datetime = copy.accepted_at
        fresh = {"id": new_id(), "case_id": copy.id, "late": False, "created_at": assessed_at}
        session.add(Assessment(**_columns(assessment) | fresh))
        session.flush()
        maps = select(SaliencyMap).where(SaliencyMap.assessment_id == assessment.id)
        session.add_all(
            SaliencyMap(**_columns(found) | {"assessment_id": fresh["id"]}) for found in session.scalars(maps)
        )


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}

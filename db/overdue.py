"""Escalation in stages: who is told that a case or a further reading has passed its due time, once each.

Stage 1 when the due time has passed: clinicians, and the platform by `case.overdue`. Stage 2 after a further
share of the level's target: seniors. Stage 3 after a whole further target: administrators. A notice ends when
the case is claimed, decided or cancelled; it comes back when the case is given back undecided.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Interval,
    SmallInteger,
    Text,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    not_,
    select,
    type_coerce,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.events import record_event
from db.ids import new_id
from db.models import Case, Event, FurtherReading, Notice
from db.moves import choose, move
from db.overdue_notices import CLOSED, KIND, settle_notices

OVERDUE_LOCK = 0x6F766572647565
ACTOR = "sweep"
SHORTEST_TARGET = timedelta(minutes=5)
ROLES = {1: "clinician", 2: "senior", 3: "administrator"}


def escalate(session: Session, at: datetime, share: float, limit: int = 500) -> int:
    """Tell of each lateness whom it concerns by now; how many stages are new.

    `share` is the part of the target after which stage 2 comes. The lock keeps sweeps apart.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(OVERDUE_LOCK))):
        return 0
    told = _escalate_cases(session, at, share, limit) + _escalate_further(session, at, share)
    settle_notices(session, select(Notice.case_id).where(*_open()), at)
    return told


def _open() -> tuple[ColumnElement[bool], ...]:
    return (Notice.kind == KIND, Notice.ended_at.is_(None))


def _stage(due_at: Any, since: Any, at: datetime, share: float) -> ColumnElement[int]:
    """How far the lateness has come; a target is the time from acceptance to the due time."""
    target = func.greatest(due_at - since, literal(SHORTEST_TARGET, Interval()), type_=Interval())
    return case(
        (due_at + target < at, 3),
        (due_at + target.op("*", precedence=8, return_type=Interval())(share) < at, 2),
        (due_at < at, 1),
        else_=0,
    )


def _escalate_cases(session: Session, at: datetime, share: float, limit: int) -> int:
    stage = _stage(Case.due_at, Case.accepted_at, at, share)
    told = exists().where(Event.case_id == Case.id, Event.type == "case.overdue")
    late = session.execute(
        select(
            Case.id,
            Case.platform_id,
            Case.level,
            Case.escalation_stage,
            stage.label("stage"),
            told.label("told"),
        )
        .where(Case.status.not_in(CLOSED), Case.due_at < at, not_(Case.known), Case.escalation_stage < stage)
        .order_by(Case.due_at, Case.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Case)
    ).all()
    for reached in ROLES:
        ids = [row.id for row in late if row.stage == reached]
        if ids:
            _move_to(session, ids, reached, at)
    for row in late:
        if not row.told:
            record_event(
                session, "case.overdue", platform_id=row.platform_id, case_id=row.id, level=row.level
            )
    rows = [
        _notice(stage, ROLES[stage], row.id, row.level, at)
        for row in late
        for stage in range(row.escalation_stage + 1, row.stage + 1)
    ]
    if rows:
        session.execute(insert(Notice).values(rows).on_conflict_do_nothing())
    return len(rows)


def _move_to(session: Session, case_ids: Sequence[UUID], stage: int, at: datetime) -> None:
    move(
        session, choose(Case.id.in_(case_ids)), status=type_coerce(Case.status, Text), action="case.overdue",
        actor=ACTOR,
        detail=func.concat(f"stage:{stage} level:", Case.level),
        values={Case.escalation_stage: stage}, at=at,
    )  # fmt: skip


def _notice(stage: int, role: str, case_id: UUID, level: str, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": KIND,
        "stage": stage,
        "role": role,
        "case_id": case_id,
        "subject": "",
        "detail": f"level:{level}",
        "created_at": at,
    }


def _escalate_further(session: Session, at: datetime, share: float) -> int:
    """Further readings keep no stage: the notices that stand already are not made again."""
    stages = values(column("stage", SmallInteger), column("role", Text), name="stages").data(
        list(ROLES.items())
    )
    reached = _stage(FurtherReading.due_at, FurtherReading.created_at, at, share)
    # Clinicians cannot take an adjudication.
    role = case(
        (and_(stages.c.stage == 1, FurtherReading.kind == "adjudication"), "senior"), else_=stages.c.role
    )
    late = (
        select(
            func.gen_random_uuid(), literal(KIND), stages.c.stage, role, FurtherReading.case_id,
            func.concat("further:", FurtherReading.id), func.concat("level:", Case.level), literal(at),
        )
        .join(Case, Case.id == FurtherReading.case_id)
        .join(stages, stages.c.stage <= cast(reached, Integer))
        .where(FurtherReading.state == "waiting", FurtherReading.due_at < at, not_(Case.known))
    )  # fmt: skip
    columns = ["id", "kind", "stage", "role", "case_id", "subject", "detail", "created_at"]
    made = insert(Notice).from_select(columns, late).on_conflict_do_nothing().returning(Notice.id)
    return len(session.execute(made).all())

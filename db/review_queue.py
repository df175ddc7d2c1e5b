"""The SQL of the clinicians' queue: what may be claimed, who holds it, and where it goes when given back.

A review's id is the token of its lease: `cases.review_token` names the one review that holds the case.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from db.models import Assessment, Case, ModelControl, Review
from db.moves import Moved, move

WAITING = ("awaiting_review", "failed", "needs_retake")
WITHOUT_MODEL = ("queued", "assessing")
MOST_URGENT = (Case.rank, Case.due_at, Case.id)


def claimable(at: datetime) -> ColumnElement[bool]:
    """Cases that a clinician may claim: read by the model, or not to wait for it any longer."""
    paused = exists(select(ModelControl.id).where(ModelControl.paused))
    return or_(
        Case.status.in_(WAITING),
        and_(Case.status.in_(WITHOUT_MODEL), or_(Case.review_from <= at, paused)),
    )


def most_urgent(at: datetime) -> Select[Any]:
    """The case to claim next, locked; cases that another clinician is just claiming are passed over."""
    ordered = select(Case.id).where(claimable(at)).order_by(*MOST_URGENT).limit(1)
    return ordered.with_for_update(skip_locked=True)


def held(review_id: UUID, clinician_id: UUID, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which this review's clinician holds its case at this moment."""
    return (
        Case.status == "in_review",
        Case.review_token == review_id,
        Case.reviewer_id == clinician_id,
        Case.review_until > at,
    )


def status_after_release() -> ColumnElement[str]:
    """Where a case goes when its clinician gives it back: the place it came from.

    `assess_state` is `none` while new photographs are asked for, so such a case waits for them again.
    """
    return case(
        (Case.assess_state == "done", "awaiting_review"),
        (Case.assess_state == "failed", "failed"),
        (Case.assess_state == "leased", "assessing"),
        (Case.assess_state == "none", "needs_retake"),
        else_="queued",
    )


def not_held() -> dict[Any, Any]:
    """The values of a case that nobody holds."""
    return {Case.reviewer_id: None, Case.review_token: None, Case.review_until: None}


def return_expired_claims(session: Session, at: datetime, actor: str, limit: int = 100) -> list[Moved]:
    """The sweep of clinicians' leases: give back what was held too long, and close those reviews."""
    expired = (
        select(Case.id)
        .where(Case.status == "in_review", Case.review_until <= at)
        .order_by(Case.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    moved = move(
        session, expired, status=status_after_release(), action="review.expired", actor=actor,
        values=not_held(), at=at,
    )  # fmt: skip
    if moved:
        session.execute(
            update(Review)
            .where(
                Review.case_id.in_([row.id for row in moved]),
                Review.decided_at.is_(None),
                Review.released_at.is_(None),
            )
            .values(released_at=at)
            .execution_options(synchronize_session=False)
        )
    return moved


class LevelCount(NamedTuple):
    """How many cases of one level wait, and how many of them are late."""

    level: str
    waiting: int
    late: int


def waiting_by_level(session: Session, at: datetime) -> list[LevelCount]:
    """The waiting cases by level, most urgent first."""
    rows = session.execute(
        select(Case.level, func.count(), func.count().filter(Case.due_at < at))
        .where(claimable(at))
        .group_by(Case.level)
        .order_by(func.min(Case.rank), Case.level)
    )
    return [LevelCount(*row) for row in rows]


def first_waiting(
    session: Session, at: datetime, limit: int
) -> Sequence[Row[UUID, str, datetime, list[str], str, bool]]:
    """The head of the queue as its list shows it: no clinical information."""
    has_ai_result = exists(
        select(Assessment.id).where(Assessment.case_id == Case.id, Assessment.round == Case.round)
    )
    return session.execute(
        select(
            Case.id, Case.level, Case.due_at, Case.flags, Case.status, has_ai_result.label("has_ai_result")
        )
        .where(claimable(at))
        .order_by(*MOST_URGENT)
        .limit(limit)
    ).all()


def held_cases(
    session: Session, clinician_id: UUID, at: datetime
) -> Sequence[Row[UUID, str, datetime, UUID | None, datetime | None]]:
    """The cases that this clinician holds, with the review that holds each."""
    return session.execute(
        select(Case.id, Case.level, Case.due_at, Case.review_token, Case.review_until)
        .where(Case.status == "in_review", Case.reviewer_id == clinician_id, Case.review_until > at)
        .order_by(*MOST_URGENT)
    ).all()

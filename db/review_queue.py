"""The SQL of the clinicians' queue: what may be claimed, who holds it, and where it goes when given back.

A review's id is the token of its lease: `cases.review_token` names the one review that holds the case.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    and_,
    case,
    exists,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from db.models import Case, ModelControl, Review
from db.moves import Moved, move
from db.overdue_notices import settle_notices

WAITING = ("awaiting_review", "failed", "needs_retake")
WITHOUT_MODEL = ("queued", "assessing")
_MOMENT = DateTime(timezone=True)


def status_in(statuses: Iterable[str]) -> ColumnElement[bool]:
    """The condition of the queue's indexes, written out so that a prepared statement uses them too."""
    return Case.status.in_([literal_column(f"'{status}'", Text) for status in statuses])


def claimable(at: datetime) -> ColumnElement[bool]:
    """Cases that a first reader may claim: read by the model, or not to wait for it any longer."""
    unread = and_(status_in(WITHOUT_MODEL), Case.review_from <= without_model_until(at))
    return and_(or_(status_in(WAITING), unread), ~Case.awaits_reading)


def without_model_until(at: datetime) -> ColumnElement[datetime]:
    """Cases whose `review_from` lies before this do not wait for the model: all, while it is paused."""
    paused = exists(select(ModelControl.id).where(ModelControl.paused))
    until = case((paused, literal_column("timestamptz 'infinity'", _MOMENT)), else_=literal(at, _MOMENT))
    return select(until).scalar_subquery()


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
        settle_notices(session, [row.id for row in moved], at)
    return moved

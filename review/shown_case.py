"""A case as its reader may see it now.

Before a blind reading is recorded it is what intake knew; for who reads a decided case again, what stood
before anybody decided. Pages and API get no other view of a case, so there is nothing to forget to hide.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Case, Review
from review.restoring import restored
from triage import Level

DECIDING = ("confirm", "override")


@dataclass(frozen=True)
class ShownCase:
    """The fields of a case that its reader sees; `review_until` is when the lease ends."""

    id: UUID
    platform_id: UUID
    patient_ref: str
    region: str
    accepted_at: datetime
    round: int
    clinical: dict[str, Any]
    level: Level
    due_at: datetime
    flags: list[str]
    reasons: list[dict[str, Any]]
    # `hidden` while the reader must not know what became of the model's reading.
    assess_state: str
    review_until: datetime


def is_hidden(review: Review) -> bool:
    """True while this reader must not see anything of the AI result."""
    return review.blind and review.revealed_at is None


def shown_case(session: Session, case: Case, review: Review, until: datetime) -> ShownCase:
    """The case for who holds it by this review."""
    seen = _provisional(case) if is_hidden(review) else _undecided(session, case)
    return ShownCase(
        id=case.id,
        platform_id=case.platform_id,
        patient_ref=case.patient_ref,
        region=case.region,
        accepted_at=case.accepted_at,
        round=case.round,
        clinical=case.clinical,
        review_until=until,
        **seen,
    )


def before_decisions(session: Session, case: Case) -> dict[str, Any]:
    """The columns of a case that decisions have changed, as they were before the first of them."""
    changed: dict[str, Any] = {}
    decided = (
        select(Review.before)
        .where(
            Review.case_id == case.id,
            Review.decided_at.is_not(None),
            Review.before.is_not(None),
            Review.verdict.in_(DECIDING),
        )
        .order_by(Review.decided_at.desc())
    )
    for before in session.scalars(decided):
        changed |= restored((before or {})["case"])
    return changed


def _provisional(case: Case) -> dict[str, Any]:
    return {
        "level": cast(Level, case.provisional_level),
        "due_at": case.provisional_due_at,
        "flags": case.provisional_flags,
        "reasons": case.provisional_reasons,
        "assess_state": "hidden",
    }


def _undecided(session: Session, case: Case) -> dict[str, Any]:
    before = before_decisions(session, case)
    return {
        name: before.get(name, getattr(case, name))
        for name in ("level", "due_at", "flags", "reasons", "assess_state")
    }

"""What a platform may see of where a case stands: a decision that can still be undone is not told."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session

from db.models import Assessment, Case, Review
from triage import RANK, Level


def is_final(row: Case, at: datetime) -> bool:
    """True when a clinician's decision can no longer be undone."""
    return row.status == "completed" and (row.final_at is None or row.final_at <= at)


def is_settling(row: Case, at: datetime) -> bool:
    """True while a decision is made and can still be undone."""
    return row.status == "completed" and not is_final(row, at)


def shown_status(at: datetime) -> ColumnElement[str]:
    """The status as told, in SQL: a case whose decision is not final is still in review."""
    settling = and_(Case.status == "completed", Case.final_at > at)
    return case_when((settling, "in_review"), else_=Case.status)


def shown_level(row: Case, assessment: Assessment | None, review: Review | None, at: datetime) -> Level:
    """The level as told: while a decision is not final, the one before it, escalations included."""
    if not is_settling(row, at):
        return cast(Level, row.level)
    before = [cast(Level, assessment.level if assessment else row.provisional_level)]
    if review is not None and review.verdict == "escalate":
        before.append(cast(Level, review.level))
    return min(before, key=RANK.__getitem__)


def current_assessment(session: Session, case: Case) -> Assessment | None:
    """The assessment of the case's newest photographs, where there is one."""
    query = select(Assessment).where(Assessment.case_id == case.id, Assessment.round == case.round)
    return session.scalar(query)


def newest_final_review(session: Session, case_id: UUID, at: datetime) -> Review | None:
    """The last decision that can no longer be undone.

    A reading has a `final_at` only where it is the result: not while it waits for another reader, nor where a
    second reader only agreed.
    """
    query = select(Review).where(Review.case_id == case_id, Review.final_at <= at)
    return session.scalar(query.order_by(Review.final_at.desc(), Review.decided_at.desc()).limit(1))

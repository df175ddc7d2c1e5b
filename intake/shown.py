"""What a platform may see of where a case stands: a decision that can still be undone is not told."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select

from db.models import Assessment, Case


def is_final(row: Case, at: datetime) -> bool:
    """True when a clinician's decision can no longer be undone."""
    return row.status == "completed" and (row.final_at is None or row.final_at <= at)


def is_settling(row: Case, at: datetime) -> bool:
    """True while a decision is made and can still be undone."""
    return row.status == "completed" and not is_final(row, at)


def settling(at: datetime) -> ColumnElement[bool]:
    """`is_settling` in SQL."""
    return and_(Case.status == "completed", Case.final_at.is_not(None), Case.final_at > at)


def shown_status(at: datetime) -> ColumnElement[str]:
    """The status as told: a case whose decision is not final is still in review."""
    return case((settling(at), "in_review"), else_=Case.status)


def shown_level(at: datetime) -> ColumnElement[str]:
    """The level as told: while a decision is not final, the one before it."""
    newest = (
        select(Assessment.level)
        .where(Assessment.case_id == Case.id)
        .order_by(Assessment.round.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case((settling(at), func.coalesce(newest, Case.provisional_level)), else_=Case.level)

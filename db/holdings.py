"""Who holds what, by what the reader who asks may know of it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, select, union_all
from sqlalchemy.orm import Session

from db.models import Case, Clinician, FurtherReading, Review
from db.readers import Reader, may_read
from db.review_queue import status_in

HELD_SHOWN = 100


class Holding(NamedTuple):
    """Who holds a case until when, in what kind of reading."""

    case_id: UUID
    review_id: UUID
    clinician_id: UUID
    name: str
    kind: str
    level: str
    due_at: datetime
    until: datetime


def held(session: Session, reader: Reader, at: datetime) -> list[Holding]:
    """All that is held of what this reader may read; their own first."""
    allowed = may_read(reader)
    return [
        holding
        for whose in (Clinician.id == reader.id, Clinician.id != reader.id)
        for holding in _held(session, reader, at, whose, *allowed)
    ]


def _held(session: Session, reader: Reader, at: datetime, *whose: ColumnElement[bool]) -> list[Holding]:
    # A blind case in another's hands may come back to this reader.
    hidden = and_(
        Case.blind,
        or_(Review.clinician_id != reader.id, and_(Review.blind, Review.revealed_at.is_(None))),
    )
    level = case((hidden, Case.provisional_level), else_=Case.level)
    due_at = case((hidden, Case.provisional_due_at), else_=Case.due_at)
    cases = (
        select(
            Case.id, Review.id.label("review_id"), Clinician.id.label("clinician_id"), Clinician.name,
            Review.kind,
            level.label("level"), due_at.label("due_at"), Case.review_until.label("until"),
        )
        .join(Review, Review.id == Case.review_token)
        .join(Clinician, Clinician.id == Case.reviewer_id)
        .where(status_in(("in_review",)), Case.review_until > at, *whose)
    )  # fmt: skip
    further = (
        select(
            Case.id, Review.id, Clinician.id, Clinician.name, Review.kind,
            level, due_at, FurtherReading.review_until,
        )
        .join(Case, Case.id == FurtherReading.case_id)
        .join(Review, Review.id == FurtherReading.review_token)
        .join(Clinician, Clinician.id == FurtherReading.reviewer_id)
        .where(FurtherReading.state == "held", FurtherReading.review_until > at, *whose)
    )  # fmt: skip
    together = union_all(cases, further).subquery()
    rows = session.execute(select(together).order_by(together.c.due_at, together.c.id).limit(HELD_SHOWN))
    return [Holding(*row) for row in rows]

"""The reader's decisions that can still be taken back, for the bar that offers it."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from db.ids import now
from db.models import Case, Review
from db.readers import may_read, reader_of
from db.session import SessionFactory
from review.undoing import undo_until


class Undoable(NamedTuple):
    """A decision that is not final yet, and until when it can be taken back."""

    id: UUID
    case_id: UUID
    until: datetime


def undoable(sessions: SessionFactory, clinician_id: UUID, window: timedelta) -> list[Undoable]:
    """Newest first; an emergency is final at once, so it never stands here."""
    at = now()
    with sessions() as session:
        recent = session.scalars(
            select(Review)
            .join(Case, Case.id == Review.case_id)
            .where(*may_read(reader_of(session, clinician_id)))
            .where(Review.clinician_id == clinician_id, Review.decided_at > at - window)
            .order_by(Review.decided_at.desc())
        )
        ends = [(review, undo_until(review, at)) for review in recent]
    return [Undoable(review.id, review.case_id, end) for review, end in ends if end]

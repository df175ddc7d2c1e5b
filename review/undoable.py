"""The reader's decisions that can still be taken back, for the bar that offers it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from db.ids import now
from db.models import Review
from db.session import SessionFactory


class Undoable(NamedTuple):
    """A decision that is not final yet."""

    id: UUID
    case_id: UUID
    final_at: datetime


def undoable(sessions: SessionFactory, clinician_id: UUID) -> list[Undoable]:
    """Newest first; an emergency is final at once, so it never stands here."""
    at = now()
    with sessions() as session:
        rows = session.execute(
            select(Review.id, Review.case_id, Review.final_at)
            .where(Review.clinician_id == clinician_id, Review.decided_at.is_not(None))
            .where(Review.final_at > at, Review.undone_at.is_(None), Review.before.is_not(None))
            .order_by(Review.decided_at.desc())
        )
        return [Undoable(*row) for row in rows]

"""Notes in a case's audit chain that this request's person looked at it."""

from uuid import UUID

from sqlalchemy.orm import Session

from db.audit.seen import note_seen, note_trail_exported, note_trail_read
from web.access import caller


def note_case_seen(session: Session, case_id: UUID, review_id: UUID) -> None:
    """The page or the API's answer of a held case: once a review and session.

    Photographs open only by addresses that such an answer gave to this session, so they need no entry.
    """
    note_seen(session, case_id, review_id, caller().actor, caller().session_id)


def note_trail_seen(session: Session, case_id: UUID) -> None:
    """The trail on a page: once a session."""
    note_trail_read(session, case_id, caller().actor, caller().session_id)


def note_trail_taken(session: Session, case_id: UUID) -> None:
    """The trail as a file: once a session."""
    note_trail_exported(session, case_id, caller().actor, caller().session_id)

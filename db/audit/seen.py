"""Who saw which case when: one entry in the case's chain for each review and session, not one a refresh."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.models import AuditEntry, Case
from db.moves import move_one


def note_seen(
    session: Session, case_id: UUID, review_id: UUID, actor: str, session_id: UUID | None = None
) -> bool:
    """Note that a reader saw a case in this review; False where this session's seeing is noted already."""
    return _note_once(session, case_id, "review.seen", actor, _during(f"review:{review_id}", session_id))


def note_trail_read(session: Session, case_id: UUID, actor: str, session_id: UUID | None = None) -> bool:
    """Note that a case's trail was read; False where it is noted, or where the case was erased."""
    return _note_once(session, case_id, "audit.seen", actor, _during("", session_id))


def note_trail_exported(session: Session, case_id: UUID, actor: str, session_id: UUID | None = None) -> bool:
    """Note that a case's trail was taken away; False where it is noted, or where the case was erased."""
    return _note_once(session, case_id, "audit.exported", actor, _during("", session_id))


def _during(what: str, session_id: UUID | None) -> str:
    return " ".join(filter(None, [what, f"session:{session_id}" if session_id else ""]))


def _note_once(session: Session, case_id: UUID, action: str, actor: str, detail: str) -> bool:
    noted = exists().where(
        AuditEntry.case_id == case_id,
        AuditEntry.action == action,
        AuditEntry.actor == actor,
        AuditEntry.detail == detail,
    )
    # A look without a lock serves every time but the first; under the lock nobody else can be noting it.
    if session.scalar(select(noted)):
        return False
    there = session.scalar(select(Case.id).where(Case.id == case_id).with_for_update())
    if there is None or session.scalar(select(noted)):
        return False
    move_one(session, case_id, status=Case.status, action=action, actor=actor, detail=detail)
    return True

"""Anchors to be laid, by any number of processes at once; `db.overdue` has what is late."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audit import anchor_chains
from db.ids import now
from db.models import AuditAnchor


def anchor_chains_when_due(session: Session, every: timedelta) -> int:
    """Lay an anchor over the audit chains when the last one is old enough; 1 when one was laid."""
    last = session.scalar(select(func.max(AuditAnchor.at)))
    if last and last > now() - every:
        return 0
    return 1 if anchor_chains(session) else 0

"""What has been left lying: cases past their due time, anchors to be laid.

Each is safe to run at any moment, by any number of processes at once.
"""

from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from db.audit import anchor_chains
from db.events import record_event
from db.ids import now
from db.models import AuditAnchor, Case, Event

CLOSED = ("completed", "cancelled")
OVERDUE_LOCK = 0x6F766572647565


def record_overdue(session: Session, limit: int = 500) -> int:
    """One `case.overdue` for each open case whose due time has passed; how many are new.

    The lock keeps sweeps apart: the second one, a statement later, sees the events of the first.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(OVERDUE_LOCK))):
        return 0
    told = exists().where(Event.case_id == Case.id, Event.type == "case.overdue")
    late = session.execute(
        select(Case.id, Case.platform_id, Case.level)
        .where(Case.due_at < now(), Case.status.not_in(CLOSED), ~told)
        .order_by(Case.rank, Case.due_at)
        .limit(limit)
    ).all()
    for case_id, platform_id, level in late:
        record_event(session, "case.overdue", platform_id=platform_id, case_id=case_id, level=level)
    return len(late)


def anchor_chains_when_due(session: Session, every: timedelta) -> int:
    """Lay an anchor over the audit chains when the last one is old enough; 1 when one was laid."""
    last = session.scalar(select(func.max(AuditAnchor.at)))
    if last and last > now() - every:
        return 0
    return 1 if anchor_chains(session) else 0

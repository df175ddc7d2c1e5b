"""What waits to be delivered, for operators: figures read from the database, no ids."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Dispatch, Endpoint


class Backlog(NamedTuple):
    """`pending` dispatches, seconds for which the oldest due one waits, endpoints that are disabled."""

    pending: int
    oldest_due_s: float
    disabled_endpoints: int


def backlog(session: Session, at: datetime) -> Backlog:
    """The backlog at a time. Cheap at any size of the history: only pending rows are read."""
    enabled = select(Endpoint.id).where(Endpoint.disabled_at.is_(None))
    pending, oldest = session.execute(
        select(func.count(), func.min(Dispatch.next_attempt_at)).where(
            Dispatch.state == "pending", Dispatch.endpoint_id.in_(enabled)
        )
    ).one()
    disabled = session.scalar(select(func.count()).where(Endpoint.disabled_at.is_not(None))) or 0
    waits = max(0.0, (at - oldest).total_seconds()) if oldest else 0.0
    return Backlog(pending, waits, disabled)

"""The outbox: write down that something happened, in the transaction in which it happens."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from db.ids import new_id, now
from db.models import Event

EventType = Literal[
    "case.accepted",
    "case.emergency",
    "case.assessed",
    "case.needs_retake",
    "case.failed",
    "case.overdue",
    "case.escalated",
    "case.completed",
    "case.amended",
    "case.cancelled",
]


def new_event(
    event_type: EventType,
    *,
    platform_id: UUID,
    case_id: UUID,
    level: str,
    available_at: datetime | None = None,
) -> Event:
    """An event for the outbox. Ids and the level only: platforms fetch the rest.

    `available_at` holds the event back until then (the undo window of a decision).
    """
    happened = now()
    return Event(
        id=new_id(),
        platform_id=platform_id,
        case_id=case_id,
        type=event_type,
        payload={"case_id": str(case_id), "level": level},
        created_at=happened,
        available_at=available_at or happened,
    )


def record_event(
    session: Session,
    event_type: EventType,
    *,
    platform_id: UUID,
    case_id: UUID,
    level: str,
    available_at: datetime | None = None,
) -> Event:
    """Add an event to the outbox; see `new_event`."""
    event = new_event(
        event_type, platform_id=platform_id, case_id=case_id, level=level, available_at=available_at
    )
    session.add(event)
    return event

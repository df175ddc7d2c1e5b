"""From events to dispatches: each event of the outbox goes once to each endpoint that wants it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import new_id
from db.models import Dispatch, Endpoint, Event
from db.session import SessionFactory

AT_ONCE = 500  # events of one transaction
FIRST, ORDINARY = 0, 1


def rank_of(event: Event) -> int:
    """Events about an emergency are sent before all others."""
    return FIRST if event.payload.get("level") == "emergency" else ORDINARY


def wants(endpoint: Endpoint, event_type: str) -> bool:
    """True when the endpoint asked for this type; an empty list asks for all."""
    return not endpoint.event_types or event_type in endpoint.event_types


def fan_out(sessions: SessionFactory, at: datetime) -> int:
    """Make the dispatches of every event that is available; returns the number of events.

    An endpoint that is disabled gets its dispatches too, held until it is enabled: nothing is lost silently.
    """
    total = 0
    while True:
        with sessions.begin() as session:
            events = _take_events(session, at)
            _make_dispatches(session, events, at)
        total += len(events)
        if len(events) < AT_ONCE:
            return total


def _take_events(session: Session, at: datetime) -> Sequence[Event]:
    events = session.scalars(
        select(Event)
        .where(Event.dispatched_at.is_(None), Event.available_at <= at)
        .order_by(Event.available_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    ids = [event.id for event in events]
    session.execute(update(Event).where(Event.id.in_(ids)).values(dispatched_at=at))
    return events


def _make_dispatches(session: Session, events: Sequence[Event], at: datetime) -> None:
    endpoints = _endpoints_of(session, {event.platform_id for event in events})
    rows = [
        {
            "id": new_id(),
            "event_id": event.id,
            "endpoint_id": endpoint.id,
            "state": "held" if endpoint.disabled_at else "pending",
            "rank": rank_of(event),
            "next_attempt_at": at,
        }
        for event in events
        for endpoint in endpoints[event.platform_id]
        if wants(endpoint, event.type)
    ]
    if rows:
        # A replay may have made one already.
        session.execute(insert(Dispatch).on_conflict_do_nothing(), rows)


def _endpoints_of(session: Session, platform_ids: Iterable[UUID]) -> dict[UUID, list[Endpoint]]:
    # The share lock keeps an endpoint from being disabled or deleted before its dispatches are there.
    found: dict[UUID, list[Endpoint]] = defaultdict(list)
    chosen = (
        select(Endpoint)
        .where(Endpoint.platform_id.in_(platform_ids))
        .order_by(Endpoint.id)
        .with_for_update(read=True)
    )
    for endpoint in session.scalars(chosen):
        found[endpoint.platform_id].append(endpoint)
    return found

"""Events of a platform and the deliveries of them: look up what happened, send it once more."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import new_id, now
from db.models import Delivery, Dispatch, Endpoint, Event
from web.access import platform_id, scope
from web.problem import conflict, not_found
from web.services import services
from webhooks.blueprint import problem_responses, webhooks_api
from webhooks.dispatch import rank_of, wants
from webhooks.paging import page_of
from webhooks.schemas import (
    DeliveriesPage,
    DeliveriesQuery,
    DeliveryBody,
    DispatchBody,
    EventBody,
    EventPath,
    EventsPage,
    PageQuery,
)


@webhooks_api.get("/events", responses={200: EventsPage, **problem_responses(422)})
@scope("webhooks:manage")
def list_events(query: PageQuery) -> dict[str, Any]:
    """List events, and where each stands on its way

    A decision that can still be undone is not listed yet.
    """
    chosen = select(Event).where(Event.platform_id == platform_id(), Event.available_at <= now())
    with services().sessions() as session:
        events, next_cursor = page_of(session, chosen, Event.id, query)
        items = _event_bodies(session, events)
    return EventsPage(items=items, next_cursor=next_cursor).model_dump(mode="json")


@webhooks_api.post(
    "/events/<uuid:event_id>/replay", responses={202: EventBody, **problem_responses(404, 409)}
)
@scope("webhooks:manage")
def replay_event(path: EventPath) -> tuple[dict[str, Any], int]:
    """Send an event once more

    To every enabled endpoint that wants its type, with the same webhook-id, by a fresh schedule.
    """
    with services().sessions.begin() as session:
        event = _own_event(session, path.event_id)
        _send_again(session, event)
        [body] = _event_bodies(session, [event])
    services().wake_deliveries()
    return body.model_dump(mode="json"), 202


@webhooks_api.get("/deliveries", responses={200: DeliveriesPage, **problem_responses(422)})
@scope("webhooks:manage")
def list_deliveries(query: DeliveriesQuery) -> dict[str, Any]:
    """List deliveries: every attempt, with the status of the receiver or the kind of error"""
    chosen = (
        select(Delivery)
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .join(Endpoint, Endpoint.id == Dispatch.endpoint_id)
        .where(Endpoint.platform_id == platform_id())
    )
    if query.event_id:
        chosen = chosen.where(Dispatch.event_id == query.event_id)
    if query.endpoint_id:
        chosen = chosen.where(Dispatch.endpoint_id == query.endpoint_id)
    with services().sessions() as session:
        found, next_cursor = page_of(session, chosen, Delivery.id, query)
        items = _delivery_bodies(session, found)
    return DeliveriesPage(items=items, next_cursor=next_cursor).model_dump(mode="json")


def _own_event(session: Session, event_id: UUID) -> Event:
    event = session.scalar(
        select(Event).where(
            Event.id == event_id, Event.platform_id == platform_id(), Event.available_at <= now()
        )
    )
    if event is None:
        raise not_found("No event")
    return event


def _send_again(session: Session, event: Event) -> None:
    chosen = (
        select(Endpoint)
        .where(Endpoint.platform_id == event.platform_id, Endpoint.disabled_at.is_(None))
        .order_by(Endpoint.id)
        .with_for_update(read=True)
    )
    wanting = [endpoint for endpoint in session.scalars(chosen) if wants(endpoint, event.type)]
    if not wanting:
        raise conflict("No enabled endpoint wants events of this type. Add or enable one, then replay.")
    fresh = {"state": "pending", "attempts": 0, "next_attempt_at": now()}
    rows = [
        {"id": new_id(), "event_id": event.id, "endpoint_id": endpoint.id, "rank": rank_of(event), **fresh}
        for endpoint in wanting
    ]
    session.execute(
        insert(Dispatch).on_conflict_do_update(index_elements=["event_id", "endpoint_id"], set_=fresh), rows
    )


def _event_bodies(session: Session, events: Sequence[Event]) -> list[EventBody]:
    ways: dict[UUID, list[DispatchBody]] = {event.id: [] for event in events}
    for dispatch in session.scalars(
        select(Dispatch).where(Dispatch.event_id.in_(ways)).order_by(Dispatch.id)
    ):
        ways[dispatch.event_id].append(DispatchBody.model_validate(dispatch))
    return [
        EventBody.model_validate(
            {
                "id": event.id,
                "type": event.type,
                "case_id": event.case_id,
                "level": event.payload["level"],
                "happened_at": event.available_at,
                "dispatches": ways[event.id],
            }
        )
        for event in events
    ]


def _delivery_bodies(session: Session, deliveries: Sequence[Delivery]) -> list[DeliveryBody]:
    ids = {delivery.dispatch_id for delivery in deliveries}
    ways = {way.id: way for way in session.scalars(select(Dispatch).where(Dispatch.id.in_(ids)))}
    return [
        DeliveryBody(
            id=delivery.id,
            event_id=ways[delivery.dispatch_id].event_id,
            endpoint_id=ways[delivery.dispatch_id].endpoint_id,
            attempt=delivery.attempt,
            attempted_at=delivery.attempted_at,
            response_status=delivery.response_status,
            error=delivery.error,
            duration_ms=delivery.duration_ms,
        )
        for delivery in deliveries
        if delivery.dispatch_id in ways  # its endpoint may have been removed between the two reads
    ]

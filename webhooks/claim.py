"""Takes the next dispatch that is due, under a lease, with all that sending it needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from db.models import Dispatch, Endpoint, Event
from webhooks.settings import WebhooksSettings
from webhooks.signature import thin_body

# Resolving a name has no time limit of its own; the resolver's stays well under this.
LEASE_BEYOND_TIMEOUT = timedelta(seconds=60)


@dataclass(frozen=True)
class Claimed:
    """One attempt to make. `lease_until` proves afterwards that the dispatch is still ours."""

    dispatch_id: UUID
    endpoint_id: UUID
    lease_until: datetime
    message_id: str
    url: str
    signing_secrets: tuple[str, ...]
    body: str


def is_due(at: datetime, settings: WebhooksSettings) -> ColumnElement[bool]:
    """Dispatches to send now; to be used on Dispatch joined with Endpoint."""
    return (
        (Dispatch.state == "pending")
        & (Dispatch.next_attempt_at <= at)
        & or_(Dispatch.lease_until.is_(None), Dispatch.lease_until <= at)
        & Endpoint.disabled_at.is_(None)
        & or_(Endpoint.throttled_until.is_(None), Endpoint.throttled_until <= at)
        & (_under_way(at) < settings.webhooks_per_endpoint)
    )


def _under_way(at: datetime) -> ScalarSelect[int]:
    other = aliased(Dispatch)
    return (
        select(func.count())
        .where(other.endpoint_id == Endpoint.id, other.lease_until.is_not(None), other.lease_until > at)
        .correlate(Endpoint)
        .scalar_subquery()
    )


def claim_next(session: Session, at: datetime, settings: WebhooksSettings) -> Claimed | None:
    """Lease the next due dispatch, emergencies first; None when nothing is due.

    Two callers never get the same one: the row is locked while it is taken, and leased afterwards.
    """
    until = at + timedelta(seconds=settings.webhooks_timeout_s) + LEASE_BEYOND_TIMEOUT
    next_due = (
        select(Dispatch.id)
        .join(Endpoint, Endpoint.id == Dispatch.endpoint_id)
        .where(is_due(at, settings))
        .order_by(Dispatch.rank, Dispatch.next_attempt_at)
        .limit(1)
        .with_for_update(of=Dispatch, skip_locked=True)
        .cte("next_due")
    )
    leased = session.execute(
        update(Dispatch)
        .where(Dispatch.id == next_due.c.id)
        .values(lease_until=until)
        .returning(Dispatch.id, Dispatch.event_id, Dispatch.endpoint_id)
        .execution_options(synchronize_session=False)
    ).first()
    if leased is None:
        return None
    event = session.get_one(Event, leased.event_id)
    endpoint = session.get_one(Endpoint, leased.endpoint_id)
    return Claimed(
        dispatch_id=leased.id,
        endpoint_id=endpoint.id,
        lease_until=until,
        message_id=str(event.id),
        url=endpoint.url,
        signing_secrets=_signing_secrets(endpoint, at),
        body=thin_body(event.type, event.available_at, event.payload),
    )


def _signing_secrets(endpoint: Endpoint, at: datetime) -> tuple[str, ...]:
    rotating = endpoint.previous_secret_until is not None and endpoint.previous_secret_until > at
    if rotating and endpoint.previous_secret:
        return (endpoint.secret, endpoint.previous_secret)
    return (endpoint.secret,)

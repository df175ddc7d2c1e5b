"""One hand to turn the crank of delivery."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from db.events import EventType, record_event
from db.ids import new_id, now
from db.models import Delivery, Dispatch, Endpoint, Event, Platform
from db.session import SessionFactory
from webhooks.deliver import deliver_due
from webhooks.settings import WebhooksSettings
from webhooks.signature import new_secret


class Outbox:
    """What tests do to the outbox and see in it, each in a transaction of its own."""

    def __init__(self, sessions: SessionFactory, settings: WebhooksSettings) -> None:
        self.sessions, self.settings = sessions, settings
        with sessions.begin() as session:
            platform = Platform(name="Tele Derma")
            session.add(platform)
        self.platform_id = platform.id

    def add_endpoint(self, url: str, **values: Any) -> Endpoint:
        endpoint = Endpoint(
            **{
                "platform_id": self.platform_id,
                "url": url,
                "secret": new_secret(),
                "event_types": [],
                **values,
            }
        )
        with self.sessions.begin() as session:
            session.add(endpoint)
        return endpoint

    def happen(self, event_type: EventType = "case.assessed", level: str = "routine", **values: Any) -> Event:
        values = {"platform_id": self.platform_id, "case_id": new_id(), **values}
        with self.sessions.begin() as session:
            return record_event(session, event_type, level=level, **values)

    def deliver(self, **how: Any) -> int:
        return deliver_due(self.sessions, self.settings, **how)

    def make_due(self) -> None:
        """Let the time of the next attempt come."""
        with self.sessions.begin() as session:
            session.execute(update(Dispatch).values(next_attempt_at=now() - timedelta(seconds=1)))
            session.execute(update(Endpoint).values(throttled_until=None))

    def dispatch(self) -> Dispatch:
        """The only dispatch there is."""
        with self.sessions() as session:
            return session.scalars(select(Dispatch)).one()

    def endpoint(self) -> Endpoint:
        """The only endpoint there is."""
        with self.sessions() as session:
            return session.scalars(select(Endpoint)).one()

    def deliveries(self) -> list[Delivery]:
        """All attempts, in their order."""
        with self.sessions() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

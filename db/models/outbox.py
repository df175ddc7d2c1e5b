"""Events that leave for platforms: the outbox, where to, when next, and each attempt made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.ids import new_id, now
from db.models.base import Base


class Event(Base):
    """What happened, written in the transaction of the change. `payload` holds ids and levels only.

    `available_at` lies in the future while a decision can still be undone. `dispatched_at` says that a
    dispatch was made for each endpoint that wants the event.
    """

    __tablename__ = "events"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platforms.id"))
    case_id: Mapped[UUID]
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    available_at: Mapped[datetime] = mapped_column(default=now)
    dispatched_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_events_case", "case_id", "type"),
        Index("ix_events_platform", "platform_id", "id"),
        Index("ix_events_undispatched", "available_at", postgresql_where=text("dispatched_at IS NULL")),
    )


class Endpoint(Base):
    """Where a platform wants its events. An empty list of types means all.

    `throttled_until`: the receiver asked for a pause; nothing is sent to it before.
    """

    __tablename__ = "endpoints"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platforms.id"), index=True)
    url: Mapped[str]
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_secret_until: Mapped[datetime | None]
    event_types: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    throttled_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]


class Dispatch(Base):
    """One event on its way to one endpoint, and when the next attempt is due.

    `state`: `pending`; `held` while its endpoint is disabled; `succeeded`; `abandoned` after the last
    attempt. `rank` 0 (about an emergency) goes before 1. `attempts` counts along the schedule.
    """

    __tablename__ = "dispatches"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("endpoints.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="pending")
    rank: Mapped[int] = mapped_column(SmallInteger, default=1)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    lease_until: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("event_id", "endpoint_id"),
        Index("ix_dispatches_pending", "rank", "next_attempt_at", postgresql_where=text("state = 'pending'")),
        Index("ix_dispatches_leased", "endpoint_id", postgresql_where=text("lease_until IS NOT NULL")),
    )


class Delivery(Base):
    """One attempt to send one event to one endpoint, as it went."""

    __tablename__ = "deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dispatch_id: Mapped[UUID] = mapped_column(ForeignKey("dispatches.id", ondelete="CASCADE"), index=True)
    attempt: Mapped[int] = mapped_column(SmallInteger)
    attempted_at: Mapped[datetime] = mapped_column(default=now)
    response_status: Mapped[int | None]
    error: Mapped[str | None]
    duration_ms: Mapped[int]

"""Ids and times: UUIDv7 (ordered by time, so that indexes grow at one end) and UTC."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562)."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def now() -> datetime:
    """The current time, in UTC with its zone."""
    return datetime.now(UTC)

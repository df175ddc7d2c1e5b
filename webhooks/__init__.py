"""Signed delivery of events to platforms: outbox, retries, replay, address guard.

Knows not why an event happened.
"""

from webhooks import endpoints_api, events_api
from webhooks.blueprint import webhooks_api
from webhooks.deliver import deliver_due

__all__ = ["deliver_due", "endpoints_api", "events_api", "webhooks_api"]

"""The doors, and keys to them."""

from uuid import UUID

from db.session import SessionFactory
from web.access import Scope
from web.credentials import create_api_key

ENDPOINTS, EVENTS, DELIVERIES = (f"/v1/webhooks/{name}" for name in ("endpoints", "events", "deliveries"))


def key_of(sessions: SessionFactory, platform_id: UUID, *scopes: Scope) -> dict[str, str]:
    with sessions.begin() as session:
        key = create_api_key(session, platform_id, "webhooks", list(scopes or ("webhooks:manage",)))
    return {"Authorization": f"Bearer {key}"}

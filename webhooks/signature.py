"""The message of an event: its thin body and its headers, signed after Standard Webhooks 1.0.0."""

import json
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook

SECRET_BYTES = 32  # the standard asks for 24 to 64


def new_secret() -> str:
    """A new secret: `whsec_` and 32 random bytes in base64."""
    return f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def thin_body(event_type: str, happened_at: datetime, payload: dict[str, Any]) -> str:
    """The body: what happened to which case at which level. Whatever else a payload holds stays here."""
    data = {"case_id": payload["case_id"], "level": payload["level"]}
    message = {"type": event_type, "timestamp": happened_at.isoformat(), "data": data}
    return json.dumps(message, separators=(",", ":"))


def signed_headers(
    message_id: str, at: datetime, body: str, signing_secrets: Sequence[str]
) -> dict[str, str]:
    """The headers of one attempt, signed with each secret. `at` is the attempt's time, in UTC.

    The id stays the same over retries; receivers use it to recognise what they have.
    """
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in signing_secrets]
    return {
        "content-type": "application/json",
        "user-agent": "dermtriage-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }

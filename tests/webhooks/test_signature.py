"""Messages are signed after Standard Webhooks 1.0.0."""

import json
from base64 import b64decode
from datetime import UTC, datetime

from standardwebhooks import Webhook

from db.ids import new_id, now
from webhooks.signature import new_secret, signed_headers, thin_body


def test_the_check_value_of_the_standard_is_reproduced() -> None:
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        '{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_whsec_and_32_random_bytes() -> None:
    secret, other = new_secret(), new_secret()
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret != other


def test_the_body_holds_case_and_level_and_nothing_else_of_the_payload() -> None:
    case_id, at = str(new_id()), now()
    body = thin_body(
        "case.assessed",
        at,
        {"case_id": case_id, "level": "urgent", "patient_ref": "P-1", "free_text": "itch"},
    )
    assert json.loads(body) == {
        "type": "case.assessed",
        "timestamp": at.isoformat(),
        "data": {"case_id": case_id, "level": "urgent"},
    }


def test_during_a_rotation_both_secrets_verify() -> None:
    old, new = new_secret(), new_secret()
    body = '{"type":"case.completed"}'
    headers = signed_headers("id", now(), body, [new, old])
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers) == {"type": "case.completed"}

"""A platform manages its endpoints, and sees nobody else's."""

from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from db.ids import now
from db.models import Endpoint
from tests.webhooks.doors import DELIVERIES, ENDPOINTS, EVENTS, key_of
from tests.webhooks.outbox import Outbox
from tests.webhooks.receiver import Receiver


def test_an_endpoint_is_added_listed_read_and_removed_and_its_secret_is_shown_once(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox
) -> None:
    answer = client.post(
        ENDPOINTS,
        json={"url": "http://127.0.0.1:9/hook", "event_types": ["case.completed"]},
        headers=ours,
    )
    assert answer.status_code == 201
    added = answer.get_json()
    secret = added.pop("secret")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert (added["url"], added["event_types"]) == ("http://127.0.0.1:9/hook", ["case.completed"])

    address = f"{ENDPOINTS}/{added['id']}"
    listed = client.get(ENDPOINTS, headers=ours)
    assert listed.get_json() == {"items": [added], "next_cursor": None}
    read = client.get(address, headers=ours)
    assert read.get_json() == added
    assert secret not in listed.text + read.text
    assert outbox.endpoint().secret == secret

    assert client.delete(address, headers=ours).status_code == 204
    assert client.get(address, headers=ours).status_code == 404
    with outbox.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Endpoint)) == 0


BAD = {
    "http://93.184.215.14/hook": "https",
    "https://127.0.0.1/hook": "public",
    "https://localhost/hook": "public",
    "https://2130706433/hook": "public",
    "https://169.254.169.254/latest/meta-data": "public",
    "https://[::ffff:10.0.0.1]/": "public",
    "https://[fd00::1]/": "public",
    "https://user:word@93.184.215.14/": "user names",
    "https://93.184.215.14/#part": "fragments",
    "https://exa mple.org/": "ASCII",
    "ftp://93.184.215.14/": "https",
    "": "ASCII",
}


@pytest.mark.parametrize("url", BAD)
def test_a_url_that_must_not_be_reached_is_refused_with_field_and_remedy(
    strict_client: FlaskClient, ours: dict[str, str], outbox: Outbox, url: str
) -> None:
    answer = strict_client.post(ENDPOINTS, json={"url": url}, headers=ours)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    [error] = answer.get_json()["errors"]
    assert error["field"] == "url"
    assert BAD[url] in error["remedy"] + error["detail"]
    with outbox.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Endpoint)) == 0


def test_a_public_https_address_is_accepted(strict_client: FlaskClient, ours: dict[str, str]) -> None:
    answer = strict_client.post(ENDPOINTS, json={"url": "https://93.184.215.14/hook"}, headers=ours)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://127.0.0.1:9/", "colour": "red"}, "colour"),
        ({"url": "http://127.0.0.1:9/", "event_types": ["case.exploded"]}, "event_types[0]"),
        ({"url": 7}, "url"),
    ],
)
def test_a_wrong_body_is_refused_naming_the_field(
    client: FlaskClient, ours: dict[str, str], body: dict[str, Any], field: str
) -> None:
    answer = client.post(ENDPOINTS, json=body, headers=ours)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.get_json()["errors"]]


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [(b"{bad", "application/json", 400), (b"[1]", "application/json", 422), (b"url=x", "text/plain", 400)],
)
def test_what_is_no_json_object_is_refused_as_a_problem(
    client: FlaskClient, ours: dict[str, str], sent: bytes, kind: str, status: int
) -> None:
    answer = client.post(ENDPOINTS, data=sent, content_type=kind, headers=ours)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_a_platform_has_so_many_endpoints_and_no_more(client: FlaskClient, ours: dict[str, str]) -> None:
    statuses = [
        client.post(ENDPOINTS, json={"url": f"http://127.0.0.1:9/{n}"}, headers=ours).status_code
        for n in range(4)
    ]
    assert statuses == [201, 201, 201, 409]


@pytest.mark.parametrize("door", [ENDPOINTS, EVENTS, DELIVERIES])
def test_without_a_key_401_and_without_the_scope_403(client: FlaskClient, outbox: Outbox, door: str) -> None:
    assert client.get(door).status_code == 401
    assert client.get(door, headers={"Authorization": "Bearer dtk_wrong"}).status_code == 401
    reader = key_of(outbox.sessions, outbox.platform_id, "cases:read")
    assert client.get(door, headers=reader).status_code == 403


def test_one_platform_never_sees_anothers_endpoints_events_and_deliveries(
    client: FlaskClient, ours: dict[str, str], stranger: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    endpoint, event = outbox.add_endpoint(receiver.url), outbox.happen()
    outbox.deliver()
    for door in (ENDPOINTS, EVENTS, DELIVERIES):
        assert len(client.get(door, headers=ours).get_json()["items"]) == 1
        assert client.get(door, headers=stranger).get_json() == {"items": [], "next_cursor": None}
    for filtered in (f"?event_id={event.id}", f"?endpoint_id={endpoint.id}"):
        assert client.get(DELIVERIES + filtered, headers=stranger).get_json()["items"] == []
    address = f"{ENDPOINTS}/{endpoint.id}"
    foreign = [
        client.get(address, headers=stranger),
        client.delete(address, headers=stranger),
        client.post(f"{address}/rotate", headers=stranger),
        client.post(f"{address}/enable", headers=stranger),
        client.post(f"{EVENTS}/{event.id}/replay", headers=stranger),
    ]
    assert [answer.status_code for answer in foreign] == [404] * 5
    assert outbox.endpoint().secret == endpoint.secret
    assert outbox.deliver() == 0


def test_a_rotated_secret_signs_beside_the_old_one(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    endpoint = outbox.add_endpoint(receiver.url)
    rotated = client.post(f"{ENDPOINTS}/{endpoint.id}/rotate", headers=ours).get_json()
    assert rotated["secret"] != endpoint.secret
    outbox.happen()
    outbox.deliver()
    for secret in (endpoint.secret, rotated["secret"]):
        assert receiver.messages[0].verified(secret)
    outbox.happen()
    outbox.deliver(clock=lambda: now() + timedelta(days=1, minutes=1))
    assert len(receiver.messages[1].headers["webhook-signature"].split()) == 1

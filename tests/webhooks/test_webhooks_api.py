"""A platform manages its endpoints, looks up its events and replays them, and sees nobody else's."""

from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from db.ids import new_id, now
from db.models import Dispatch, Endpoint, Platform
from db.session import SessionFactory
from dermtriage.app import create_app
from dermtriage.settings import load_settings
from tests.webhooks.conftest import Outbox
from tests.webhooks.receiver import Receiver
from web.access import Scope
from web.credentials import create_api_key
from web.services import EXTENSION

ENDPOINTS, EVENTS, DELIVERIES = (f"/v1/webhooks/{name}" for name in ("endpoints", "events", "deliveries"))

WOKEN: list[bool] = []  # each wake-up of the deliverers


def make_client(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local: bool) -> Any:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", tmp_path.as_uri())
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests")
    monkeypatch.setenv("WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", str(local).lower())
    monkeypatch.setenv("WEBHOOKS_MAX_ENDPOINTS", "3")
    app = create_app(load_settings(), wake_deliveries=lambda: WOKEN.append(True))
    yield app.test_client()
    app.extensions[EXTENSION].sessions.kw["bind"].dispose()


@pytest.fixture
def client(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outbox: Outbox
) -> Iterator[FlaskClient]:
    """Local use: loopback and http are allowed."""
    WOKEN.clear()
    yield from make_client(database_url, tmp_path, monkeypatch, local=True)


@pytest.fixture
def strict_client(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    """As in production."""
    yield from make_client(database_url, tmp_path, monkeypatch, local=False)


def key_of(sessions: SessionFactory, platform_id: Any, *scopes: Scope) -> dict[str, str]:
    with sessions.begin() as session:
        key = create_api_key(session, platform_id, "webhooks", list(scopes or ("webhooks:manage",)))
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def ours(outbox: Outbox) -> dict[str, str]:
    return key_of(outbox.sessions, outbox.platform_id)


@pytest.fixture
def stranger(outbox: Outbox) -> dict[str, str]:
    with outbox.sessions.begin() as session:
        platform = Platform(name="Stranger")
        session.add(platform)
    return key_of(outbox.sessions, platform.id)


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


def test_a_replayed_event_has_the_same_id(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    endpoint, event = outbox.add_endpoint(receiver.url), outbox.happen()
    outbox.deliver()
    answer = client.post(f"{EVENTS}/{event.id}/replay", headers=ours)
    assert answer.status_code == 202
    assert [way["state"] for way in answer.get_json()["dispatches"]] == ["pending"]
    assert WOKEN == [True]
    outbox.deliver()
    first, second = receiver.messages
    assert first.id == second.id == str(event.id)
    assert first.body == second.body
    assert second.verified(endpoint.secret)
    assert [d.attempt for d in outbox.deliveries()] == [1, 2]


def test_a_replay_reaches_endpoints_that_were_added_later_and_survives_the_fan_out(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    event = outbox.happen()
    outbox.add_endpoint(receiver.url)
    assert client.post(f"{EVENTS}/{event.id}/replay", headers=ours).status_code == 202
    assert outbox.deliver() == 1, "the event was not fanned out before: still one dispatch"
    assert [message.id for message in receiver.messages] == [str(event.id)]


def test_a_replay_that_nobody_wants_is_a_conflict(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox
) -> None:
    outbox.add_endpoint("http://127.0.0.1:9/", event_types=["case.completed"])
    event = outbox.happen("case.assessed")
    assert client.post(f"{EVENTS}/{event.id}/replay", headers=ours).status_code == 409


def test_an_event_that_can_still_be_undone_is_neither_listed_nor_replayed(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    outbox.add_endpoint(receiver.url)
    event = outbox.happen("case.completed", available_at=now() + timedelta(seconds=60))
    assert client.get(EVENTS, headers=ours).get_json()["items"] == []
    assert client.post(f"{EVENTS}/{event.id}/replay", headers=ours).status_code == 404


def test_a_disabled_endpoint_is_shown_with_its_reason_and_enabled_it_gets_what_it_missed(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    endpoint, first = outbox.add_endpoint(receiver.url), outbox.happen()
    receiver.will_answer(410)
    outbox.deliver()
    second = outbox.happen()
    outbox.deliver()
    [shown] = client.get(ENDPOINTS, headers=ours).get_json()["items"]
    assert shown["disabled_at"] is not None
    assert shown["disabled_reason"] == "gone: the receiver answered 410 Gone"
    states = [
        event["dispatches"][0]["state"] for event in client.get(EVENTS, headers=ours).get_json()["items"]
    ]
    assert states == ["held", "held"]

    enabled = client.post(f"{ENDPOINTS}/{endpoint.id}/enable", headers=ours)
    assert (enabled.status_code, enabled.get_json()["disabled_at"]) == (200, None)
    assert WOKEN == [True]
    assert outbox.deliver() == 2
    assert {message.id for message in receiver.messages[1:]} == {str(first.id), str(second.id)}


def test_deliveries_tell_status_or_kind_of_error_and_can_be_filtered(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    good, bad = outbox.add_endpoint(receiver.url), outbox.add_endpoint("http://127.0.0.1:9/hook")
    event = outbox.happen()
    outbox.deliver()
    to_good = client.get(f"{DELIVERIES}?endpoint_id={good.id}", headers=ours).get_json()["items"]
    to_bad = client.get(f"{DELIVERIES}?endpoint_id={bad.id}", headers=ours).get_json()["items"]
    assert [(d["response_status"], d["error"]) for d in to_good] == [(200, None)]
    assert [(d["response_status"], d["error"]) for d in to_bad] == [(None, "ConnectionRefusedError")]
    assert {d["event_id"] for d in to_good + to_bad} == {str(event.id)}
    assert client.get(f"{DELIVERIES}?event_id={new_id()}", headers=ours).get_json()["items"] == []


def test_lists_are_paged_newest_first(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    outbox.add_endpoint(receiver.url)
    happened = [str(outbox.happen().id) for _ in range(5)]
    outbox.deliver()
    for door in (EVENTS, DELIVERIES):
        seen, cursor = [], ""
        while True:
            page = client.get(f"{door}?limit=2{cursor}", headers=ours).get_json()
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(seen) == 5
        assert seen == sorted(seen, reverse=True)
        assert door == DELIVERIES or seen == happened[::-1]
    assert client.get(f"{EVENTS}?cursor=nonsense", headers=ours).status_code == 422
    assert client.get(f"{EVENTS}?limit=0", headers=ours).status_code == 422


def test_an_abandoned_event_is_shown_as_such(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver
) -> None:
    outbox.settings = outbox.settings.model_copy(update={"webhooks_schedule_s": (0.0,)})
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.will_answer(500)
    outbox.deliver()
    [event] = client.get(EVENTS, headers=ours).get_json()["items"]
    assert event["dispatches"][0]["state"] == "abandoned"
    [endpoint] = client.get(ENDPOINTS, headers=ours).get_json()["items"]
    assert endpoint["disabled_reason"].startswith("attempts_used_up")
    with outbox.sessions() as session:
        assert session.scalars(select(Dispatch.state)).all() == ["abandoned"]

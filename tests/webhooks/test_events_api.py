"""A platform looks up its events and deliveries, and has events sent again."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from db.ids import new_id, now
from db.models import Dispatch
from tests.webhooks.doors import DELIVERIES, ENDPOINTS, EVENTS
from tests.webhooks.outbox import Outbox
from tests.webhooks.receiver import Receiver


def test_a_replayed_event_has_the_same_id(
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver, woken: list[str]
) -> None:
    endpoint, event = outbox.add_endpoint(receiver.url), outbox.happen()
    outbox.deliver()
    answer = client.post(f"{EVENTS}/{event.id}/replay", headers=ours)
    assert answer.status_code == 202
    assert [way["state"] for way in answer.get_json()["dispatches"]] == ["pending"]
    assert woken == ["woken"]
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
    client: FlaskClient, ours: dict[str, str], outbox: Outbox, receiver: Receiver, woken: list[str]
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
    assert woken == ["woken"]
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

"""Every event reaches every endpoint of its platform that wants it, signed and thin."""

import json
from datetime import timedelta

from sqlalchemy import text

from db.ids import now
from db.models import Event, Platform
from tests.webhooks.outbox import Outbox
from tests.webhooks.receiver import Receiver, receiving
from webhooks.dispatch import fan_out


def test_a_delivered_webhook_verifies_with_the_library_of_the_standard(
    outbox: Outbox, receiver: Receiver
) -> None:
    endpoint = outbox.add_endpoint(receiver.url)
    event = outbox.happen("case.assessed", "urgent")

    assert outbox.deliver() == 1

    [message] = receiver.messages
    assert message.verified(endpoint.secret) == {
        "type": "case.assessed",
        "timestamp": event.available_at.isoformat(),
        "data": {"case_id": str(event.case_id), "level": "urgent"},
    }
    assert message.id == str(event.id)
    assert message.headers["content-type"] == "application/json"
    assert outbox.dispatch().state == "succeeded"
    [delivery] = outbox.deliveries()
    assert (delivery.attempt, delivery.response_status, delivery.error) == (1, 200, None)
    assert outbox.deliver() == 0


def test_a_body_holds_ids_and_the_level_only(outbox: Outbox, receiver: Receiver) -> None:
    outbox.add_endpoint(receiver.url)
    event = outbox.happen()
    with outbox.sessions.begin() as session:
        session.get_one(Event, event.id).payload = {**event.payload, "patient_ref": "canary-7f3a"}
    outbox.deliver()
    [message] = receiver.messages
    assert json.loads(message.body)["data"] == {"case_id": str(event.case_id), "level": "routine"}
    assert b"canary" not in message.body + str(message.headers).encode()


def test_emergencies_go_first(outbox: Outbox, receiver: Receiver) -> None:
    outbox.settings = outbox.settings.model_copy(update={"webhooks_concurrency": 1})
    outbox.add_endpoint(receiver.url)
    for _ in range(3):
        outbox.happen("case.assessed", "routine")
    fan_out(outbox.sessions, now() + timedelta(milliseconds=1))
    outbox.make_due()
    emergency = outbox.happen("case.emergency", "emergency")
    outbox.deliver()
    assert receiver.messages[0].id == str(emergency.id)
    assert len(receiver.messages) == 4


def test_nothing_is_sent_to_an_endpoint_that_an_operator_disabled(outbox: Outbox, receiver: Receiver) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    fan_out(outbox.sessions, now())
    with outbox.sessions.begin() as session:
        session.execute(text("UPDATE endpoints SET disabled_at = now()"))
    assert outbox.deliver() == 0
    assert outbox.dispatch().state == "pending"


def test_an_event_waits_until_it_is_available(outbox: Outbox, receiver: Receiver) -> None:
    outbox.add_endpoint(receiver.url)
    final_at = now() + timedelta(seconds=60)
    outbox.happen("case.completed", available_at=final_at)
    assert outbox.deliver() == 0
    assert outbox.deliver(clock=lambda: final_at) == 1
    assert json.loads(receiver.messages[0].body)["timestamp"] == final_at.isoformat()


def test_an_event_goes_to_endpoints_of_its_platform_that_want_its_type(
    outbox: Outbox, receiver: Receiver
) -> None:
    with outbox.sessions.begin() as session:
        stranger = Platform(name="Stranger")
        session.add(stranger)
    with receiving() as other, receiving() as foreign:
        outbox.add_endpoint(receiver.url)
        outbox.add_endpoint(other.url, event_types=["case.completed"])
        outbox.add_endpoint(foreign.url, platform_id=stranger.id)
        assessed, completed = outbox.happen("case.assessed"), outbox.happen("case.completed")
        outbox.deliver()
        assert {message.id for message in receiver.messages} == {str(assessed.id), str(completed.id)}
        assert [message.id for message in other.messages] == [str(completed.id)]
        assert foreign.messages == []


def test_after_a_rotation_the_old_secret_signs_too_until_its_time_is_up(
    outbox: Outbox, receiver: Receiver
) -> None:
    old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    endpoint = outbox.add_endpoint(
        receiver.url, previous_secret=old, previous_secret_until=now() + timedelta(hours=1)
    )
    outbox.happen()
    outbox.deliver()
    for secret in (old, endpoint.secret):
        assert receiver.messages[0].verified(secret)

    with outbox.sessions.begin() as session:
        session.execute(text("UPDATE endpoints SET previous_secret_until = now()"))
    outbox.happen()
    outbox.deliver()
    assert receiver.messages[1].verified(endpoint.secret)
    assert len(receiver.messages[1].headers["webhook-signature"].split()) == 1

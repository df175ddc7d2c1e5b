"""Every event reaches every endpoint that wants it, at least once, by a schedule kept in SQL."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from db.ids import now
from db.models import Dispatch, Event, Platform
from tests.webhooks.conftest import Outbox
from tests.webhooks.receiver import Receiver, receiving
from webhooks.claim import claim_next
from webhooks.dispatch import fan_out
from webhooks.settings import WebhooksSettings

HOUR = 3600
SCHEDULE = [0, 5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]


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


def test_a_failing_receiver_gets_every_retry_by_the_schedule_then_the_endpoint_is_disabled_loudly(
    outbox: Outbox, receiver: Receiver
) -> None:
    endpoint = outbox.add_endpoint(receiver.url)
    event = outbox.happen()
    receiver.will_answer(*[500] * 10)
    with capture_logs() as logs:
        for attempt in range(1, 11):
            before = now()
            assert outbox.deliver() == 1
            after = now()
            assert outbox.deliver() == 0, "nothing is sent before its time"
            dispatch = outbox.dispatch()
            assert dispatch.attempts == attempt
            if attempt < 10:
                delay = timedelta(seconds=SCHEDULE[attempt])
                assert dispatch.state == "pending"
                assert before + delay <= dispatch.next_attempt_at <= after + delay
            outbox.make_due()

    assert {message.id for message in receiver.messages} == {str(event.id)}
    assert len(receiver.messages) == 10
    assert all(message.verified(endpoint.secret) for message in receiver.messages)
    assert [d.attempt for d in outbox.deliveries()] == list(range(1, 11))
    assert outbox.dispatch().state == "abandoned"
    assert outbox.endpoint().disabled_at is not None
    assert outbox.endpoint().disabled_reason == "attempts_used_up: 10 attempts failed, last: status 500"
    assert [(log["log_level"], log["event"], log["endpoint_id"]) for log in logs] == [
        ("error", "webhook_endpoint_disabled", str(endpoint.id))
    ]
    assert outbox.deliver() == 0


def test_each_delay_grows_by_chance_within_the_jitter(outbox: Outbox, receiver: Receiver) -> None:
    outbox.settings = outbox.settings.model_copy(
        update={"webhooks_jitter": 0.5, "webhooks_schedule_s": (0, 1000.0)}
    )
    outbox.add_endpoint(receiver.url)
    for _ in range(8):
        outbox.happen()
    receiver.will_answer(*[500] * 8)
    started = now()
    outbox.deliver()
    with outbox.sessions() as session:
        delays = [(at - started).total_seconds() for at in session.scalars(select(Dispatch.next_attempt_at))]
    assert all(1000 <= delay <= 1510 for delay in delays)
    assert max(delays) - min(delays) > 10


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
def test_anything_but_2xx_is_a_failure(outbox: Outbox, receiver: Receiver, status: int) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.will_answer(status)
    outbox.deliver()
    assert outbox.dispatch().state == "pending"
    assert [d.response_status for d in outbox.deliveries()] == [status]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_success(outbox: Outbox, receiver: Receiver, status: int) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.will_answer(status)
    outbox.deliver()
    assert outbox.dispatch().state == "succeeded"


def test_410_disables_the_endpoint_and_holds_what_waits(outbox: Outbox, receiver: Receiver) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.will_answer(410)
    outbox.deliver()
    outbox.happen()
    outbox.make_due()
    assert outbox.deliver() == 0
    assert outbox.endpoint().disabled_reason == "gone: the receiver answered 410 Gone"
    with outbox.sessions() as session:
        assert session.scalars(select(Dispatch.state)).all() == ["held", "held"]
    assert len(receiver.messages) == 1


@pytest.mark.parametrize("status", [429, 502, 504])
def test_an_overloaded_receiver_is_left_alone_for_a_while(
    outbox: Outbox, receiver: Receiver, status: int
) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.will_answer(status)
    outbox.deliver()
    outbox.happen("case.emergency", "emergency")
    assert outbox.deliver() == 0
    paused_until = outbox.endpoint().throttled_until
    assert paused_until is not None
    assert timedelta(seconds=25) < paused_until - now() <= timedelta(seconds=30)
    assert outbox.deliver(clock=lambda: now() + timedelta(seconds=31)) == 2


@pytest.mark.parametrize("form", ["7200", "date"])
def test_retry_after_in_seconds_or_as_a_date_is_obeyed_for_the_whole_endpoint(
    outbox: Outbox, receiver: Receiver, form: str
) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    in_two_hours = now() + timedelta(hours=2)
    receiver.will_answer(503, retry_after=format_datetime(in_two_hours) if form == "date" else form)
    outbox.deliver()
    assert abs(outbox.dispatch().next_attempt_at - in_two_hours) < timedelta(seconds=30)
    outbox.happen()
    assert outbox.deliver(clock=lambda: in_two_hours - timedelta(minutes=1)) == 0
    assert outbox.deliver(clock=lambda: in_two_hours + timedelta(minutes=1)) == 2


@pytest.mark.parametrize(
    "header",
    [
        *("999999999", "9" * 400, "-1", "soon", ""),
        "Fri, 31 Dec 99999999999999999999 23:59:59 GMT",
        "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
    ],
)
def test_an_absurd_retry_after_is_bounded_or_ignored(outbox: Outbox, receiver: Receiver, header: str) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.will_answer(503, retry_after=header)
    outbox.deliver()
    assert outbox.dispatch().attempts == 1
    assert outbox.dispatch().next_attempt_at <= now() + timedelta(days=1)


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


def test_two_deliverers_never_send_one_attempt_at_the_same_time(outbox: Outbox, receiver: Receiver) -> None:
    outbox.add_endpoint(receiver.url)
    for _ in range(12):
        outbox.happen()
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(outbox.deliver) for _ in range(4)]
        for run in runs:
            run.result()
    while outbox.deliver():
        continue
    assert len(receiver.messages) == 12
    assert len({message.id for message in receiver.messages}) == 12


def test_a_dispatch_under_way_is_not_claimed_again(outbox: Outbox, receiver: Receiver) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.open.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(outbox.deliver)
        assert receiver.arrived.wait(10)
        assert outbox.deliver() == 0
        receiver.open.set()
        assert slow.result() == 1
    assert len(receiver.messages) == 1


def test_a_deliverer_killed_between_send_and_record_leads_to_the_same_id_again(
    outbox: Outbox, receiver: Receiver, database_url: str
) -> None:
    endpoint = outbox.add_endpoint(receiver.url)
    event = outbox.happen()
    receiver.open.clear()
    program = (
        "import sys; from db.session import *;"
        "from webhooks.deliver import *; from webhooks.settings import *;"
        "sessions = make_sessions(make_engine(sys.argv[1]));"
        "deliver_due(sessions, WebhooksSettings(webhooks_allow_private_addresses=True))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, database_url])
    assert receiver.arrived.wait(30)
    process.kill()
    process.wait()
    receiver.open.set()
    assert outbox.deliveries() == []
    assert outbox.deliver() == 0, "the lease still holds"

    assert outbox.deliver(clock=lambda: now() + timedelta(minutes=2)) == 1
    assert [message.id for message in receiver.messages] == [str(event.id)] * 2
    assert receiver.messages[0].verified(endpoint.secret)
    assert outbox.dispatch().state == "succeeded"


def test_a_deliverer_that_outlived_its_lease_logs_its_attempt_and_changes_nothing_else(
    outbox: Outbox, receiver: Receiver, settings: WebhooksSettings
) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.open.clear()
    receiver.will_answer(500, 200)
    with ThreadPoolExecutor(1) as pool:
        frozen = pool.submit(outbox.deliver)
        assert receiver.arrived.wait(10)
        with outbox.sessions.begin() as session:
            taken_over = claim_next(session, now() + timedelta(minutes=5), settings)
        receiver.open.set()
        frozen.result()
    assert taken_over is not None
    dispatch = outbox.dispatch()
    assert (dispatch.attempts, dispatch.lease_until) == (0, taken_over.lease_until)
    assert [d.response_status for d in outbox.deliveries()] == [500]


def test_a_slow_endpoint_does_not_hold_up_the_others(outbox: Outbox, receiver: Receiver) -> None:
    with receiving() as slow:
        slow.open.clear()
        outbox.add_endpoint(slow.url, event_types=["case.assessed"])
        outbox.add_endpoint(receiver.url, event_types=["case.completed"])
        for _ in range(20):
            outbox.happen("case.assessed")
        outbox.happen("case.completed")
        with ThreadPoolExecutor(1) as pool:
            run = pool.submit(outbox.deliver)
            assert receiver.arrived.wait(4)
            assert len(slow.messages) <= outbox.settings.webhooks_per_endpoint
            slow.open.set()
            run.result()


def test_an_emergency_is_sent_while_a_slow_receiver_keeps_the_run_waiting(
    outbox: Outbox, receiver: Receiver
) -> None:
    with receiving() as slow, ThreadPoolExecutor(1) as pool:
        slow.open.clear()
        outbox.add_endpoint(slow.url, event_types=["case.assessed"])
        outbox.add_endpoint(receiver.url, event_types=["case.emergency"])
        outbox.happen("case.assessed")
        run = pool.submit(outbox.deliver)
        assert slow.arrived.wait(4)
        outbox.happen("case.emergency", "emergency")
        assert receiver.arrived.wait(4)
        assert not run.done()
        slow.open.set()
        assert run.result() == 2


def test_an_endpoint_deleted_while_an_attempt_is_under_way_leaves_nothing(
    outbox: Outbox, receiver: Receiver
) -> None:
    outbox.add_endpoint(receiver.url)
    outbox.happen()
    receiver.open.clear()
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(outbox.deliver)
        assert receiver.arrived.wait(10)
        with outbox.sessions.begin() as session:
            session.execute(text("DELETE FROM endpoints"))
        receiver.open.set()
        assert run.result() == 1
    with outbox.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Dispatch)) == 0


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

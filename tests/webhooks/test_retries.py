"""A receiver that fails gets the message again, by a schedule kept in SQL, until the endpoint is disabled."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from db.ids import now
from db.models import Dispatch
from tests.webhooks.outbox import Outbox
from tests.webhooks.receiver import Receiver

HOUR = 3600
SCHEDULE = [0, 5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]


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

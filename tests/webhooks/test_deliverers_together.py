"""Deliverers run side by side, are killed and freeze: one attempt at a time, nothing lost, none held up."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select, text

from db.ids import now
from db.models import Dispatch
from tests.webhooks.outbox import Outbox
from tests.webhooks.receiver import Receiver, receiving
from webhooks.claim import claim_next
from webhooks.settings import WebhooksSettings


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

"""A real `dermtriage worker`: killed, told to stop, paused, its broker empty; and what it never says."""

import signal
import time
from hashlib import sha256
from pathlib import Path

from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.model_control import set_paused
from db.models import Assessment, AuditEntry, Case, Event, Image
from tests.worker.conftest import PlaceCase, drawn_jpeg
from tests.worker.processes import StartWorker, count, wait_for, wait_until
from worker.broker import WakeUp
from worker.names import QUEUES

CANARY = "canary-7Qx-the-patient-said-so"


def test_a_worker_finds_cases_whose_wake_up_was_lost_and_ends_cleanly(
    session: Session, place_case: PlaceCase, start_worker: StartWorker, redis_url: str
) -> None:
    process = start_worker()
    place_case()
    wait_for(session, awaiting_review=1)
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    place_case()
    wait_for(session, awaiting_review=2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_cases_of_a_killed_worker_are_assessed_by_the_next_one(
    session: Session, place_case: PlaceCase, start_worker: StartWorker
) -> None:
    for n in range(6):
        place_case(seed=n)
    # A lease that runs out on a busy machine, before the worker is killed, would halve the batch.
    first = start_worker("simulated:batch_ms=6000", WORKER_LEASE_SECONDS="10")
    wait_until(lambda: count(session, Case.assess_state == "leased") == 6)
    first.kill()
    start_worker()
    wait_for(session, awaiting_review=6)
    assert count(session, Event.type == "case.assessed") == 6
    assert count(session, Assessment.id.is_not(None)) == 6


def test_sigterm_finishes_the_batch_in_hand_and_leaves_the_rest_waiting(
    session: Session, place_case: PlaceCase, start_worker: StartWorker
) -> None:
    for n in range(6):
        place_case(seed=n)
    process = start_worker("simulated:batch_ms=1500", WORKER_BATCH_SIZE="2", WORKER_OVERLAP="on")
    # One batch computes and the next one is loaded when both are claimed.
    wait_until(lambda: count(session, Case.assess_state == "leased") == 4)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    wait_for(session, awaiting_review=2, queued=4)
    assert count(session, Case.assess_state == "waiting", Case.batch_limit == 0) == 4


def test_a_second_signal_ends_the_worker_at_once_and_the_lease_runs_out(
    session: Session, place_case: PlaceCase, start_worker: StartWorker
) -> None:
    place_case()
    process = start_worker("simulated:batch_ms=6000")
    # Celery installs its handlers a moment after the timer has begun to claim.
    wait_until(lambda: count(session, Case.assess_state == "leased") == 1)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 1
    wait_for(session, assessing=1)


def test_a_worker_that_cannot_finish_in_time_is_cut_short(
    session: Session, place_case: PlaceCase, start_worker: StartWorker
) -> None:
    place_case()
    process = start_worker("simulated:batch_ms=6000", WORKER_STOP_SECONDS="1")
    wait_until(lambda: count(session, Case.assess_state == "leased") == 1)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 1


def test_every_message_three_times_and_two_workers_assess_each_case_once(
    session: Session, place_case: PlaceCase, start_worker: StartWorker, redis_url: str
) -> None:
    start_worker("simulated:batch_ms=20"), start_worker("simulated:batch_ms=20")
    wake_up = WakeUp(redis_url)
    for n in range(30):
        place_case(seed=n)
        wake_up(), wake_up(), wake_up()
    wait_for(session, awaiting_review=30)
    assert count(session, Event.type == "case.assessed") == 30
    assert count(session, AuditEntry.action == "case.claimed") == 30


def test_a_paused_worker_claims_nothing_until_it_is_resumed(
    session: Session, place_case: PlaceCase, start_worker: StartWorker, log: Path
) -> None:
    set_paused(session, True)
    session.commit()
    place_case()
    start_worker()
    wait_until(lambda: b"model_ready" in log.read_bytes())
    time.sleep(1.5)
    wait_for(session, queued=1)
    set_paused(session, False)
    session.commit()
    wait_for(session, awaiting_review=1)


def test_logs_and_messages_hold_nothing_that_a_patient_said(
    session: Session, place_case: PlaceCase, start_worker: StartWorker, redis_url: str, log: Path
) -> None:
    messages: list[bytes] = []
    WakeUp(redis_url)()
    with Redis.from_url(redis_url) as redis:
        messages += redis.lrange(QUEUES[0], 0, -1)
    place_case(free_text=CANARY, patient_ref=CANARY)
    raising = place_case(free_text=f"RAISES {CANARY}", patient_ref=CANARY)
    broken = place_case(free_text=CANARY, patient_ref=CANARY, stored=False, seed=9)
    assert (
        session.scalar(select(Image.sha256).where(Image.case_id == broken.id))
        == sha256(drawn_jpeg(9)).hexdigest()
    )
    process = start_worker("simulated:raise_on=RAISES")
    wait_for(session, awaiting_review=1, failed=2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    said = log.read_text()
    assert str(raising.id) in said
    assert str(broken.id) in said
    assert messages
    assert CANARY not in said + repr(messages)

"""One drain at a time; a wake-up during a drain is never lost; a timer outlives errors."""

import threading
import time

import pytest
from sqlalchemy.exc import OperationalError

from worker.drain import Drain
from worker.periodic import Periodic, Timer


def test_a_wake_up_during_a_drain_returns_at_once_and_makes_it_look_again() -> None:
    runs: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def run() -> None:
        runs.append(1)
        begun.set()
        assert go_on.wait(5)

    drain = Drain(run, threading.Event())
    first = threading.Thread(target=drain)
    first.start()
    assert begun.wait(5)
    drain(), drain(), drain()
    assert len(runs) == 1
    go_on.set()
    first.join(5)
    assert len(runs) == 2


def test_a_stopping_worker_begins_no_drain() -> None:
    stopping = threading.Event()
    stopping.set()
    runs: list[int] = []
    Drain(lambda: runs.append(1), stopping)()
    assert runs == []


def test_while_the_database_is_away_a_drain_ends_quietly_and_the_next_one_works() -> None:
    answers = [OperationalError("SELECT 1", {}, Exception("gone")), None]

    def run() -> None:
        answer = answers.pop(0)
        if answer:
            raise answer

    drain = Drain(run, threading.Event())
    drain()
    drain()
    assert answers == []


def test_waiting_for_a_drain_ends_with_it_or_with_patience() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def run() -> None:
        begun.set()
        go_on.wait(5)

    drain = Drain(run, threading.Event())
    thread = threading.Thread(target=drain)
    thread.start()
    assert begun.wait(5)
    assert not drain.wait_idle(0.05)
    go_on.set()
    assert drain.wait_idle(5)
    thread.join(5)


def test_a_timer_goes_on_after_an_error_without_saying_what_was_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs: list[float] = []

    def fails() -> None:
        runs.append(time.monotonic())
        raise ValueError("what the patient wrote")

    timer = Timer([Periodic("fails", 0.01, fails)])
    timer.start()
    end = time.monotonic() + 5
    while len(runs) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    timer.stop()
    assert len(runs) >= 3
    said = capsys.readouterr().out
    assert "ValueError" in said
    assert "patient" not in said

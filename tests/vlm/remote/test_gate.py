"""Back-pressure: an overloaded server gets half as many requests, and more again as answers come."""

import threading
import time
from collections.abc import Iterator

import pytest

from tests.vlm.remote.conftest import Connect
from tests.vlm.remote.server import Server, bears_only, hangs, refuses
from tests.vlm.remote.test_remote_findings import shown
from vlm.remote.gate import Gate


def test_no_more_requests_pass_at_once_than_the_gate_has_places() -> None:
    gate, inside, most = Gate(3), [0], [0]
    lock = threading.Lock()

    def passes() -> None:
        with gate.passing():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.005)
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=passes) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert most == [3]


def test_each_overload_halves_the_places_but_never_takes_the_last() -> None:
    gate, limits = Gate(8), []
    for _ in range(5):
        gate.too_much(0)
        limits.append(gate.limit)
    assert limits == [4, 2, 1, 1, 1]


def test_refusals_of_one_crowd_count_once() -> None:
    gate = Gate(8)
    for _ in range(8):
        gate.too_much(0.5)
    assert gate.limit == 4


def test_places_come_back_one_by_one_and_no_more_than_were_set() -> None:
    gate = Gate(4)
    gate.too_much(0)
    grown = []
    for _ in range(20):
        gate.went_well()
        grown.append(gate.limit)
    # From two places to three takes about two answers, to four about three more.
    assert grown[:6] == [2, 2, 3, 3, 3, 4]
    assert set(grown[6:]) == {4}


def test_a_closed_gate_lets_nothing_through_until_its_time_is_over() -> None:
    gate = Gate(8)
    gate.too_much(0.1)
    begun = time.monotonic()
    with gate.passing():
        assert 0.09 <= time.monotonic() - begun < 1


def test_a_gate_that_opens_between_two_looks_at_the_clock_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate(1)
    gate.too_much(0.2)
    closed_until = gate._closed_until
    ticks: Iterator[float] = iter([closed_until - 0.05])
    monkeypatch.setattr("vlm.remote.gate.time.monotonic", lambda: next(ticks, closed_until + 1))
    passed = threading.Event()

    def passes() -> None:
        with gate.passing():
            passed.set()

    threading.Thread(target=passes, daemon=True).start()
    assert passed.wait(2)


@pytest.mark.parametrize("fault", [refuses(429), refuses(503), hangs(0.3)], ids=["429", "503", "hangs"])
def test_what_speaks_of_overload_halves_the_requests_of_a_model(
    connect: Connect, server: Server, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = connect(vlm_remote_attempts=9)
    case = shown(1)
    model.assess([case])
    model.server.client.timeout_s = 0.1
    gate = model.server.client.gate
    lowest: list[int] = []
    real = gate.too_much

    def noted(seconds: float) -> None:
        real(seconds)
        lowest.append(gate.limit)

    monkeypatch.setattr(gate, "too_much", noted)
    server.faults.append(fault)  # type: ignore[arg-type]
    model.assess([case])
    assert lowest
    assert min(lowest) <= 4


def test_a_plain_failure_does_not_slow_the_model_down(connect: Connect, server: Server) -> None:
    model = connect()
    server.faults.extend([refuses(500), refuses(502)])
    model.assess([shown(1)])
    assert model.server.client.gate.limit == 8


def test_a_server_that_bears_two_requests_at_a_time_still_answers_all(
    connect: Connect, server: Server
) -> None:
    model = connect(vlm_remote_attempts=12)
    cases = [shown(n) for n in range(3)]
    sound = model.assess(cases)
    assert server.most_under_way > 3
    server.slow_s = 0.004
    server.forget()
    server.faults.extend([bears_only(2)] * 1000)
    assert model.assess(cases) == sound
    refused = len(server.chats) - 33
    # Eight threads that kept trying would be refused three times of four.
    assert 0 < refused < 33

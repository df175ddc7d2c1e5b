"""A wake-up beside the request is never lost, and many of them cost little."""

import threading

from tests.whole.running import wait_for
from worker.wake_later import WakeLater


def test_a_call_is_sent() -> None:
    sent: list[int] = []
    WakeLater(lambda: sent.append(1))()
    wait_for("the message", lambda: sent == [1], seconds=5)


def test_calls_while_a_message_is_on_its_way_become_one_more() -> None:
    sent: list[int] = []
    began, go_on = threading.Event(), threading.Event()

    def send() -> None:
        began.set()
        go_on.wait(5)
        sent.append(1)

    wake = WakeLater(send)
    wake()
    began.wait(5)
    for _ in range(100):
        wake()
    go_on.set()
    wait_for("the second message", lambda: sent == [1, 1], seconds=5)


def test_the_caller_does_not_wait_for_the_broker() -> None:
    blocked = threading.Event()
    wake = WakeLater(lambda: blocked.wait(5) and None)
    wake()
    wake()
    assert not blocked.is_set()
    blocked.set()

"""What goes wrong for a moment is tried again and changes no finding; what goes on is said, not the case."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from tests.vlm.remote.conftest import Connect, quick
from tests.vlm.remote.server import (
    Fault,
    Server,
    drips,
    hangs,
    in_chunks,
    refuses,
    resets,
    says,
    serving,
    truncates,
)
from tests.vlm.remote.test_remote_findings import shown
from vlm import RemoteUnavailable
from vlm.remote.retrying import Pace, seconds_asked

PASSING: dict[str, Fault] = {
    "hangs": hangs(0.6),
    "is reset in mid-answer": resets,
    "is cut short": truncates,
    "drips": drips(0.02),
    "is no JSON": says("<html>Bad gateway</html>"),
    "is half JSON": says('{"choices": [{"mess'),
    "nests without end": says("[" * 100_000),
    "is no text": lambda handler, answer: handler.send_bytes(200, b"\xff\xfe\x00"),
    **{f"has status {status}": refuses(status) for status in (408, 425, 429, 500, 502, 503, 504)},
}
SCORES_AND_EXPLANATION = 11


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_request_whose_answer_fails_once_is_asked_again(
    connect: Connect, server: Server, fault: Fault
) -> None:
    model, case = connect(), shown(1)
    sound = model.assess([case])
    server.forget()
    model.server.client.timeout_s = 0.25
    server.faults.append(fault)
    assert model.assess([case]) == sound
    assert len(server.chats) == SCORES_AND_EXPLANATION + 1
    assert not server.faults


def test_two_failures_in_a_row_are_survived_too(connect: Connect, server: Server) -> None:
    model, case = connect(vlm_remote_concurrency=1), shown(1)
    sound = model.assess([case])
    server.faults.extend([refuses(500), refuses(500)])
    assert model.assess([case]) == sound


def test_an_answer_in_chunks_is_an_answer(connect: Connect, server: Server) -> None:
    model, case = connect(), shown(1)
    sound = model.assess([case])
    server.forget()
    server.faults.extend([in_chunks] * SCORES_AND_EXPLANATION)
    assert model.assess([case]) == sound
    assert len(server.chats) == SCORES_AND_EXPLANATION


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_fault_that_goes_on_ends_the_attempts_and_says_so_without_the_case(
    connect: Connect, server: Server, fault: Fault, capsys: pytest.CaptureFixture[str]
) -> None:
    case = shown(1, symptoms={"fever": {"present": "yes"}}, free_text="my neighbour Aurelia")
    model = connect(vlm_remote_attempts=2, vlm_remote_concurrency=1, vlm_remote_key="k-secret")
    model.server.client.timeout_s = 0.05
    server.faults.extend([fault, fault])
    with pytest.raises(RemoteUnavailable, match="after 2 attempts; see that the server runs") as caught:
        model.assess([case])
    assert not caught.value.permanent
    assert str(caught.value).startswith(server.url)
    told = str(caught.value) + capsys.readouterr().out
    assert not any(word in told for word in ("fever", "Aurelia", "USER", "k-secret", "html"))
    assert len(server.chats) == 2


def test_after_a_fault_nothing_of_the_batch_is_asked_any_more(connect: Connect, server: Server) -> None:
    model = connect(vlm_remote_attempts=1, vlm_remote_concurrency=2)
    server.slow_s = 0.01
    server.faults.extend([None, refuses(500)])
    with pytest.raises(RemoteUnavailable):
        model.assess([shown(n) for n in range(4)])
    assert len(server.chats) <= 4


def test_a_server_that_is_not_there_is_away_and_may_come_back() -> None:
    with serving() as server:
        model = quick(server.ref, vlm_remote_attempts=2)
    with pytest.raises(RemoteUnavailable, match="connection failed") as caught:
        model.assess([shown(1)])
    assert not caught.value.permanent
    with pytest.raises(RemoteUnavailable, match="connection failed"):
        quick(server.ref, vlm_remote_attempts=1)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_the_server_may_ask_for_a_longer_wait_but_not_for_any(
    connect: Connect, server: Server, form: str
) -> None:
    model = connect(vlm_remote_concurrency=1)
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    server.faults.append(refuses(429, Retry_After="3600" if form == "seconds" else until))
    model.assess([shown(1)])
    first, again = server.chats[:2]
    assert first.body == again.body
    # The pace of these tests waits 0.01 s by itself and 0.2 s at most for the server.
    assert 0.2 <= again.at - first.at < 2


def test_while_the_server_asks_for_rest_no_other_thread_asks_it_either(
    connect: Connect, server: Server
) -> None:
    model = connect(vlm_remote_concurrency=2)
    server.faults.append(refuses(429, Retry_After="3600"))
    threads = [threading.Thread(target=model.assess, args=([shown(n)],)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(seen.at for seen in server.seen)
    assert max(b - a for a, b in pairwise(times)) >= 0.15


def test_waits_double_up_to_a_limit_and_are_never_shorter_than_asked() -> None:
    pace = Pace(9, first_s=0.5, longest_s=8, longest_asked_s=60)
    assert [pace.wait(n, None) for n in range(1, 7)] == [0.5, 1, 2, 4, 8, 8]
    assert [pace.wait(2, asked) for asked in (0.0, 7.0, 600.0)] == [1, 7, 60]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None), ("12", 12), (" 0 ", 0), ("soon", None), ("-3", None), ("٣", None), ("", None),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sun, 06 Nov 1994 08:49:07 GMT", 0),
        ("Sun, 99 Nov 1994 08:49:07 GMT", None),
    ],
)  # fmt: skip
def test_retry_after_holds_seconds_or_a_date_and_else_nothing(header: str, seconds: float | None) -> None:
    assert seconds_asked(header, datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)) == seconds

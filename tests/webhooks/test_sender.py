"""A message reaches a checked address or nothing, whatever a name resolves to, later or after a redirect."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.webhooks.outbox import Outbox
from tests.webhooks.receiver import Receiver, receiving
from webhooks.address_guard import AddressRefused, resolve_checked
from webhooks.send import Answer, Sender

LOCAL_HOSTS = ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost")
LOCAL_HOSTS_V6 = ("[::1]", "[::ffff:127.0.0.1]", "[::]")
CLOUD_METADATA = ("169.254.169.254",)


@pytest.mark.parametrize("host", LOCAL_HOSTS + LOCAL_HOSTS_V6 + CLOUD_METADATA)
def test_no_spelling_of_a_local_address_is_reached(host: str, receiver: Receiver) -> None:
    port = receiver.url.split(":")[2].removesuffix("/hook")
    answer = _strict().post(f"https://{host}:{port}/hook", {}, b"{}")
    assert answer.error == "AddressRefused"
    assert receiver.messages == []


class ChangingResolver:
    """A name server whose answers change from one question to the next."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.questions = list(answers), 0

    def __call__(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.questions += 1
        addresses = self.answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


def _strict(**values: Any) -> Sender:
    return Sender(**{"timeout_s": 2, **values})


def test_a_name_that_turns_to_a_private_address_is_refused_at_the_next_attempt(
    outbox: Outbox, receiver: Receiver
) -> None:
    port = int(receiver.url.split(":")[2].removesuffix("/hook"))
    rebinding = ChangingResolver(["203.0.114.7"], ["127.0.0.1"])
    assert resolve_checked("hooks.example", port, allow_private=False, resolve=rebinding)

    outbox.add_endpoint(f"https://hooks.example:{port}/hook")
    outbox.happen()
    outbox.deliver(sender=_strict(resolve=rebinding))

    assert receiver.messages == []
    assert [(d.response_status, d.error) for d in outbox.deliveries()] == [(None, "AddressRefused")]
    assert outbox.dispatch().state == "pending"


def test_one_private_address_among_public_ones_refuses_the_answer() -> None:
    mixed = ChangingResolver(["203.0.114.7", "10.0.0.1"])
    with pytest.raises(AddressRefused):
        resolve_checked("hooks.example", 443, allow_private=False, resolve=mixed)


def test_a_name_is_resolved_once_and_the_connection_goes_to_the_checked_address(receiver: Receiver) -> None:
    port = int(receiver.url.split(":")[2].removesuffix("/hook"))
    once = ChangingResolver(["127.0.0.1"])
    sender = Sender(5, allow_private=True, resolve=once)
    assert sender.post(f"http://hooks.example:{port}/hook", {}, b"{}").status == 200
    assert once.questions == 1
    assert receiver.messages[0].headers["host"] == f"hooks.example:{port}"


def test_a_redirect_to_another_address_is_a_failure_and_is_not_followed(
    outbox: Outbox, receiver: Receiver
) -> None:
    with receiving() as inside:
        outbox.add_endpoint(receiver.url)
        outbox.happen()
        receiver.will_answer(307, location=inside.url)
        outbox.deliver()
        assert inside.messages == []
    assert [d.response_status for d in outbox.deliveries()] == [307]
    assert outbox.dispatch().state == "pending"


def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert Sender(5, allow_private=True).post(receiver.url, {}, b"{}").succeeded
        assert proxy.messages == []


@pytest.fixture
def silent_server() -> Iterator[tuple[int, list[bytes]]]:
    """Accepts connections, keeps the first bytes, then sends one header byte at a time for ever."""
    heard: list[bytes] = []
    stop = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(10)

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            heard.append(connection.recv(4096))
            connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"y")
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1], heard
    finally:
        stop.set()
        thread.join()
        server.close()


def test_a_receiver_that_answers_a_byte_at_a_time_runs_into_the_time_limit(
    silent_server: tuple[int, list[bytes]],
) -> None:
    port, _ = silent_server
    answer = Sender(0.5, allow_private=True).post(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert answer.error == "TimeoutError"
    assert 400 <= answer.duration_ms < 2000


def test_the_tls_hello_names_the_host_though_the_connection_goes_to_an_address(
    silent_server: tuple[int, list[bytes]],
) -> None:
    port, heard = silent_server
    sender = Sender(2, allow_private=True, resolve=ChangingResolver(["127.0.0.1"]))
    answer = sender.post(f"https://hooks.example:{port}/", {}, b"{}")
    assert answer.error == "SSLError"
    assert b"hooks.example" in heard[0]


def test_an_endpoint_without_tls_is_refused_when_the_setting_for_local_use_is_off(receiver: Receiver) -> None:
    answer = _strict().post(receiver.url, {}, b"{}")
    assert (answer.status, answer.error) == (None, "UrlRefused")
    assert receiver.messages == []


def test_a_closed_port_is_told_by_the_kind_of_error_only() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    answer = Sender(2, allow_private=True).post(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert answer == Answer(error="ConnectionRefusedError", duration_ms=answer.duration_ms)

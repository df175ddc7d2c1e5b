"""Sends one signed request and says how it went. Knows nothing of schedules or the database.

Every request has a connection of its own to a checked address. `http.client` follows no redirect and knows
no proxy; the host of the URL stays in the Host header, in SNI and in the check of the certificate.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer

from webhooks.address_guard import AddressRefused, Resolve, connect_to_any, resolve_checked
from webhooks.url_check import Target, parse_url


@dataclass(frozen=True)
class Answer:
    """How one attempt went: the receiver's status, or the kind of error; never any text of it."""

    status: int | None = None
    retry_after: str | None = None
    error: str | None = None
    duration_ms: int = 0

    @property
    def succeeded(self) -> bool:
        """2xx is success; a redirect is not (Standard Webhooks 1.0.0)."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Sender:
    """Posts to endpoints. `resolve` is called once a request; `tls` checks certificates."""

    timeout_s: float
    allow_private: bool = False
    resolve: Resolve = socket.getaddrinfo
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request; what goes wrong on the way is in the answer."""
        started = time.monotonic()
        try:
            target = parse_url(url, allow_http=self.allow_private)
            status, retry_after = self._exchange(target, headers, body, started + self.timeout_s)
            found = Answer(status, retry_after)
        except (OSError, HTTPException, ValueError, AddressRefused) as error:
            found = Answer(error=type(error).__name__)
        duration_ms = round((time.monotonic() - started) * 1000)
        return Answer(found.status, found.retry_after, found.error, duration_ms)

    def _exchange(
        self, target: Target, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> tuple[int, str | None]:
        addresses = resolve_checked(
            target.host, target.port, allow_private=self.allow_private, resolve=self.resolve
        )
        with closing(self._connection(target)) as connection:
            connection.sock = connect_to_any(addresses, deadline)
            if target.scheme == "https":
                connection.sock.settimeout(max(0.001, deadline - time.monotonic()))
                connection.sock = self.tls.wrap_socket(connection.sock, server_hostname=target.host)
            with _Deadline(connection.sock, deadline):
                connection.request("POST", target.path, body, dict(headers))
                # The body of the answer is left unread: nothing in it matters and it may be endless.
                answer: HTTPResponse = connection.getresponse()
                return answer.status, answer.getheader("Retry-After")

    def _connection(self, target: Target) -> HTTPConnection:
        if target.scheme == "https":
            return HTTPSConnection(target.host, target.port, context=self.tls)
        return HTTPConnection(target.host, target.port)


class _Deadline:
    """Ends a connection when its time is up: a socket's own timeout begins anew with every byte."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._passed = False
        self._timer = Timer(max(0.0, deadline - time.monotonic()), self._end)

    def _end(self) -> None:
        self._passed = True
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed meanwhile

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._passed:
            raise TimeoutError


def retry_after_seconds(header: str | None, at: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110: seconds or a date); None when it says nothing."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - at).total_seconds())

"""Sends submissions over kept connections with as little work of its own as can be.

Everything is made before the clock starts: what the client does takes time from the server beside it.
"""

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from db.ids import new_id
from dermtriage.bench.intake_requests import Submission
from dermtriage.local.processes import LOOPBACK

CONNECTIONS = 4


def requests_per_s(port: int, api_key: str, work: Sequence[Submission]) -> float:
    """Accepted requests a second. Raises RuntimeError when one is not accepted."""
    ready = [_with_head(submission, port, api_key) for submission in work]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        started = perf_counter()
        halves = [ready[number::CONNECTIONS] for number in range(CONNECTIONS)]
        list(pool.map(lambda half: _send_all(port, half), halves))
        return len(work) / (perf_counter() - started)


def _with_head(submission: Submission, port: int, api_key: str) -> bytes:
    head = (
        f"POST /v1/cases HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nAuthorization: Bearer {api_key}\r\n"
        f"Idempotency-Key: {new_id()}\r\nContent-Type: {submission.content_type}\r\n"
        f"Content-Length: {len(submission.body)}\r\n\r\n"
    )
    return head.encode() + submission.body


def _send_all(port: int, messages: Sequence[bytes]) -> None:
    connection = _connect(port)
    for message in messages:
        connection.sendall(message)
        answer = _read_answer(connection)
        if not answer.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(f"not accepted: {answer[:300]!r}")
        if b"\r\nconnection: close" in answer.lower():
            connection.close()
            connection = _connect(port)
    connection.close()


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection((LOOPBACK, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _read_answer(connection: socket.socket) -> bytes:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _some(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += _some(connection)
    return head


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise RuntimeError("the server closed the connection")
    return data

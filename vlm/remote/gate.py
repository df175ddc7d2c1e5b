"""Back-pressure: how many requests may be under way, and when the server wants to be left alone.

Additive increase, multiplicative decrease: a server that says it has too much halves the number, each answer
lets it grow again, up to what the operator set.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Lets `most` requests through at the same time, fewer after `too_much`."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._limit = float(most)
        self._under_way = 0
        self._closed_until = 0.0
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """How many may be under way now."""
        return int(self._limit)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Wait for a place and keep it for one request."""
        with self._changed:
            # Asked once a turn: a gate that opens between two questions would leave a waiter for ever.
            while (closed := self._seconds_closed()) or self._under_way >= self.limit:
                self._changed.wait(closed or None)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def too_much(self, seconds: float) -> None:
        """The server is overloaded: half as many from now on, and none at all for so many seconds."""
        with self._changed:
            until = time.monotonic() + seconds
            # Answers to requests that were under way together are one message, not several.
            if not self._seconds_closed():
                self._limit = max(1.0, self._limit / 2)
            self._closed_until = max(self._closed_until, until)

    def went_well(self) -> None:
        """One more place for as many answers as there are places."""
        with self._changed:
            self._limit = min(float(self.most), self._limit + 1 / self._limit)
            self._changed.notify_all()

    def _seconds_closed(self) -> float:
        return max(0.0, self._closed_until - time.monotonic())

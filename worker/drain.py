"""One drain at a time in a process: however many wake-ups come, one runs the pipeline until no case waits."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from vlm import RemoteUnavailable

log = structlog.get_logger()


class Drain:
    """Calls `run` while there is work. A call during a drain makes it look again, and returns at once.

    `yielding` is set while somebody waits for the drain to stand still: `run` then begins nothing new.
    """

    def __init__(self, run: Callable[[], object], stopping: threading.Event) -> None:
        self._run = run
        self._stopping = stopping
        self._running = threading.Lock()
        self._again = threading.Event()
        self.yielding = threading.Event()

    def __call__(self) -> None:
        """Drain the queue. While the database or the model's server is away the timer calls again."""
        self._again.set()
        while self._again.is_set() and not self._stopping.is_set():
            if not self._running.acquire(blocking=False):
                return
            try:
                self._drain()
            finally:
                self._running.release()

    def _drain(self) -> None:
        while self._again.is_set() and not self._stopping.is_set():
            self._again.clear()
            try:
                self._run()
            except (OperationalError, InterfaceError, InternalError) as error:
                # InternalError: PostgreSQL ended a transaction in which this process stood still too long.
                log.warning("database_away", error=type(error).__name__)
            except RemoteUnavailable as error:
                log.warning("model_away", fault=str(error))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nothing runs inside: what is in hand is finished first. Then a thread looks for work again."""
        self.yielding.set()
        try:
            with self._running:
                yield
        finally:
            self.yielding.clear()
            threading.Thread(target=self, name="drain", daemon=True).start()

    def wait_idle(self, seconds: float) -> bool:
        """Wait until no drain runs; False when one still does after so many seconds."""
        if not self._running.acquire(timeout=seconds):
            return False
        self._running.release()
        return True

"""Work that repeats, and the timer that repeats it in a worker when no scheduler does."""

import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple

import structlog

log = structlog.get_logger()


class Periodic(NamedTuple):
    """A function to run every so many seconds, under a name that the broker sees.

    It may run at any moment, twice at once, and in several processes: what it does is guarded in SQL.
    """

    name: str
    seconds: float
    run: Callable[[], object]


class Timer:
    """Repeats each function in a thread of its own, so that a slow one holds up no other."""

    def __init__(self, periodics: Iterable[Periodic]) -> None:
        self.periodics = tuple(periodics)
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin; the first runs come at once."""
        for periodic in self.periodics:
            threading.Thread(target=self._repeat, args=(periodic,), name=periodic.name, daemon=True).start()

    def stop(self) -> None:
        """Start no further run."""
        self._ended.set()

    def _repeat(self, periodic: Periodic) -> None:
        while True:
            run_safely(periodic)
            if self._ended.wait(periodic.seconds):
                return


def run_safely(periodic: Periodic) -> None:
    """Run it once. An error is logged by its kind, and the next run comes as planned."""
    try:
        periodic.run()
    except Exception as error:  # noqa: BLE001 - a timer that ends at the first error is no safety net
        log.warning("periodic_failed", name=periodic.name, error=type(error).__name__)

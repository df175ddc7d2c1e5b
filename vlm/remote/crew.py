"""Runs many small jobs at the same time and returns what they return in the order they were given."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

Made = TypeVar("Made")


class Crew:
    """A few threads, for as long as the `with` block lasts."""

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(size, "remote-model")

    def all(self, jobs: Sequence[Callable[[], Made]]) -> list[Made]:
        """What each job returns. Raises what the first failing job raises; those not begun never begin."""
        futures = [self._pool.submit(job) for job in jobs]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

"""Runs many small jobs at the same time and returns what they return in the order they were given."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from types import TracebackType
from typing import TypeVar

Made = TypeVar("Made")


class NotBegun(Exception):
    """A job that was left out because another one had failed."""


class Crew:
    """A few threads, for as long as the `with` block lasts."""

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(size, "remote-model")

    def all(self, jobs: Sequence[Callable[[], Made]]) -> list[Made]:
        """What each job returns. Raises what the first to fail raises; none begins after that."""
        faults: list[BaseException] = []

        def done(job: Callable[[], Made]) -> Made:
            # A thread that is free takes its next job before the caller could cancel it.
            if faults:
                raise NotBegun
            try:
                return job()
            except BaseException as fault:
                faults.append(fault)
                raise

        futures = [self._pool.submit(done, job) for job in jobs]
        wait(futures, return_when=FIRST_EXCEPTION)
        if faults:
            raise faults[0]
        return [future.result() for future in futures]

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

"""Work spread over processes, in order, with few items in the air whatever their number."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import TracebackType
from typing import TypeVar

from training.textbooks.errors import TextbookError

Item = TypeVar("Item")
Result = TypeVar("Result")
CHUNK = 16


class Workers:
    """`count` processes, started when first needed; 1: this process alone. Use as a context manager."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The results in the items' order. Raises `TextbookError` where a process died."""
        if self.count == 1:
            yield from map(function, items)
            return
        try:
            yield from self._spread(function, iter(items))
        except BrokenProcessPool:
            self._close()
            raise TextbookError(
                "a working process died, for want of memory perhaps: try again with --workers 1"
            ) from None

    def _spread(self, function: Callable[[Item], Result], items: Iterator[Item]) -> Iterator[Result]:
        waiting: deque[Future[list[Result]]] = deque()
        while True:
            while len(waiting) < 2 * self.count and (chunk := list(islice(items, CHUNK))):
                waiting.append(self._started().submit(_each, function, chunk))
            if not waiting:
                return
            yield from waiting.popleft().result()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned: a fork would carry the threads of the libraries with it.
            self._pool = ProcessPoolExecutor(
                self.count, mp_context=get_context("spawn"), initializer=_end_with_the_run
            )
        return self._pool

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _each(function: Callable[[Item], Result], chunk: list[Item]) -> list[Result]:
    return [function(item) for item in chunk]


def _end_with_the_run() -> None:
    """A run that is killed takes its processes along: none may write into the next run's folder."""
    run = parent_process()
    if run is not None:
        threading.Thread(target=_wait_for_end, args=(run.sentinel,), daemon=True).start()


def _wait_for_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)

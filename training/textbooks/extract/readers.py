"""Reader processes with a guard: a page that hangs or kills its reader costs that page, not the book."""

import contextlib
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from training.textbooks.errors import BookError
from training.textbooks.extract.limits import Limits
from training.textbooks.extract.one_page import read_page
from training.textbooks.extract.opening import opened
from training.textbooks.records import Page
from training.textbooks.workspace import write_records

_PRELOADED = ["training.textbooks.extract.readers"]
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PAGES = "reading"
_REOPENED = 50  # pages after which the document is opened anew: PDFium keeps what it parsed


@dataclass
class _Reader:
    process: BaseProcess
    pipe: Any
    number: int = 0
    since: float = 0.0


@dataclass(frozen=True)
class Job:
    """A book's pages to be read, each into its own file."""

    source: Path
    folder: Path
    limits: Limits

    def page_file(self, number: int) -> Path:
        """Where one page waits until all are read."""
        return self.folder / PAGES / f"p{number:05d}.json"


def read_pages(job: Job, numbers: list[int], workers: int) -> Iterator[int]:
    """Read these pages, each written whole to its file; yields the number of each that is done.

    Raises `OSError` where a reader could not write.
    """
    waiting = list(reversed(numbers))
    readers: list[_Reader] = []
    try:
        while waiting or readers:
            while waiting and len(readers) < workers:
                readers.append(_given(_started(job), waiting.pop()))
            for reader in _settled(readers, job.limits.page_seconds):
                done = reader.number
                if _outcome(reader, job):
                    readers.remove(reader)
                    _stopped(reader)
                elif waiting:
                    _given(reader, waiting.pop())
                else:
                    readers.remove(reader)
                    _stopped(reader)
                yield done
    finally:
        for reader in readers:
            _stopped(reader)


def _started(job: Job) -> _Reader:
    context: Any = multiprocessing.get_context(_METHOD)
    if _METHOD == "forkserver":
        context.set_forkserver_preload(_PRELOADED)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, job), daemon=True)
    process.start()
    theirs.close()
    return _Reader(process, ours)


def _given(reader: _Reader, number: int) -> _Reader:
    reader.number, reader.since = number, time.monotonic()
    with contextlib.suppress(
        BrokenPipeError, ConnectionResetError
    ):  # a dead reader is seen when it is waited for
        reader.pipe.send(number)
    return reader


def _settled(readers: list[_Reader], seconds: float) -> list[_Reader]:
    """Readers that answered, died or ran over their time; waits for the first."""
    left = min(reader.since for reader in readers) + seconds - time.monotonic()
    ready = wait([reader.pipe for reader in readers], timeout=max(0.0, left))
    late = time.monotonic() - seconds
    return [reader for reader in readers if reader.pipe in ready or reader.since <= late]


def _outcome(reader: _Reader, job: Job) -> bool:
    """Whether the reader is of no more use. What it could not read is written as a page with its fault."""
    if not reader.pipe.poll():
        return _given_up(reader, job, f"it took longer than {job.limits.page_seconds:.0f} s")
    try:
        error = reader.pipe.recv()
    except (EOFError, ConnectionResetError):
        return _given_up(reader, job, "it takes more memory than allowed, or breaks the reader")
    if error is not None:
        raise error
    return False


def _given_up(reader: _Reader, job: Job, fault: str) -> bool:
    file = job.page_file(reader.number)
    if not file.exists():
        write_records(
            file, [Page(number=reader.number, width=0, height=0, lines=(), figures=(), fault=fault)]
        )
    return True


def _stopped(reader: _Reader) -> None:
    reader.process.kill()
    reader.process.join()
    reader.process.close()
    reader.pipe.close()


def _serve(pipe: Any, job: Job) -> None:
    """The life of a reader process: pages in, files out."""
    _bounded(job.limits.page_bytes)
    document, count = opened(job.source), 0
    while True:
        try:
            number = pipe.recv()
        except EOFError:
            return
        if count == _REOPENED:
            document.close()
            document, count = opened(job.source), 0
        count += 1
        try:
            write_records(job.page_file(number), [read_page(document, number, job.folder, job.limits)])
        except MemoryError:
            return
        except (OSError, BookError) as error:
            pipe.send(error)
            return
        pipe.send(None)


def _bounded(size: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # a bound that cannot be set is none
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))

"""Runs the step on one book: a page at a time into files of their own, joined when all are there."""

import os
import shutil
from collections.abc import Iterator

import structlog
from tqdm import tqdm

from training.textbooks.extract.dropping import Repeated
from training.textbooks.extract.limits import Limits
from training.textbooks.extract.opening import page_count
from training.textbooks.extract.readers import PAGES, Job, read_pages
from training.textbooks.extract.store import without_leftovers
from training.textbooks.records import Page
from training.textbooks.workspace import Book, read_records, write_records

log = structlog.get_logger()

_A_WORKER = 4  # pages: for fewer no second process is worth starting


def run(
    book: Book, workers: int | None = None, limits: Limits | None = None, *, progress: bool = False
) -> int:
    """Read the book's PDF, write `pages.jsonl` and `figures/`. The count of pages.

    A killed run goes on where it was; the result is the same byte for byte. Memory does not grow with the
    pages. Raises `BookError`.
    """
    limits = limits or Limits()
    count = page_count(book.source, limits)
    job = Job(book.source, book.folder, limits)
    missing = [number for number in range(1, count + 1) if not job.page_file(number).exists()]
    workers = min(workers or os.cpu_count() or 1, -(-len(missing) // _A_WORKER))
    done = read_pages(job, missing, workers)
    for _ in tqdm(
        done, total=count, initial=count - len(missing), desc=book.id, unit="page", disable=not progress
    ):
        pass
    without_leftovers(book.folder)
    repeated = Repeated(_read(job, count))
    write_records(book.file("pages.jsonl"), (repeated.without(page) for page in _read(job, count)))
    _say_faults(book)
    shutil.rmtree(book.folder / PAGES)
    return count


def _read(job: Job, count: int) -> Iterator[Page]:
    for number in range(1, count + 1):
        yield from read_records(job.page_file(number), Page)


def _say_faults(book: Book) -> None:
    for page in read_records(book.file("pages.jsonl"), Page):
        if page.fault:
            log.warning("textbook_page_unread", book=book.id, page=page.number, reason=page.fault)

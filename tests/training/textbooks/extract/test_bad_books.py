"""A book that cannot be read is refused in one line; a page that cannot be read costs that page."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.textbooks.books import broken
from training.textbooks import extract
from training.textbooks.errors import BookError
from training.textbooks.extract.limits import Limits
from training.textbooks.records import Page
from training.textbooks.workspace import Book, read_records

MEASURING = """
import sys, threading, time
from pathlib import Path
import psutil
from training.textbooks import extract
from training.textbooks.workspace import Book

most, over = 0, threading.Event()

def watch():
    global most
    me = psutil.Process()
    while not over.is_set():
        for one in (me, *me.children(recursive=True)):
            try:
                most = max(most, one.memory_info().rss)
            except psutil.NoSuchProcess:
                pass
        time.sleep(0.01)

if __name__ == "__main__":
    file = Path(sys.argv[1])
    watching = threading.Thread(target=watch)
    watching.start()
    extract.run(Book("book", file.parent / "out", file), workers=1)
    over.set()
    watching.join()
    print(most)
"""


def read(file: Path, limits: Limits | None = None) -> list[Page]:
    book = Book(file.stem, file.parent / "out" / file.stem, file)
    extract.run(book, workers=1, limits=limits)
    return list(read_records(book.file("pages.jsonl"), Page))


def _empty(file: Path) -> Path:
    file.touch()
    return file


def _no_pdf(file: Path) -> Path:
    file.write_text("a letter, not a book\n%%EOF\n")
    return file


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (broken.encrypted, "encrypted"),
        (broken.truncated, "cut short"),
        (broken.without_pages, "no pages"),
        (_empty, "empty"),
        (_no_pdf, "no PDF"),
    ],
)
def test_a_book_that_cannot_be_read_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(BookError, match=reason) as refused:
        read(make(tmp_path / "book.pdf"))
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out" / "book" / "pages.jsonl").exists()


def test_a_file_of_ten_thousand_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="10000 pages, at most 5000"):
        read(broken.plain(tmp_path / "book.pdf", pages=10_000))


def test_an_image_bomb_costs_its_page_alone(tmp_path: Path) -> None:
    bombed, sound = read(broken.with_bomb(tmp_path / "book.pdf"))
    assert "30000 x 30000" in bombed.fault
    assert not sound.fault


def test_an_image_bomb_takes_no_memory(tmp_path: Path) -> None:
    """In a process of its own: those that other tests ended count for this one otherwise."""
    book = broken.with_bomb(tmp_path / "book.pdf")
    measured = subprocess.run(
        [sys.executable, "-c", MEASURING, str(book)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert int(measured.stdout.split()[-1]) < 600e6  # bytes; the picture decoded would be 2.7 GB


def test_scripts_are_seen_and_never_run(tmp_path: Path) -> None:
    (page,) = read(broken.with_script(tmp_path / "book.pdf"))
    assert not page.fault
    assert extract.has_scripts(tmp_path / "book.pdf")
    assert not extract.has_scripts(broken.plain(tmp_path / "plain.pdf"))


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    (page,) = read(broken.endless(tmp_path / "book.pdf"), Limits(page_seconds=0.3))
    assert "took longer" in page.fault


def test_a_page_that_takes_too_much_memory_is_given_up(tmp_path: Path) -> None:
    """The reader dies of it; the next page gets a new one."""
    first, second = read(broken.large(tmp_path / "book.pdf"), Limits(page_bytes=1_000_000))
    assert "memory" in first.fault
    assert not second.fault

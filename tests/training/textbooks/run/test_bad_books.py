"""Books as they should not be, by the command itself: a line for each, and the others are done."""

import os
import resource
import subprocess
import sys

import pytest

from tests.training.textbooks.drawn import drawn
from tests.training.textbooks.run.printed import bomb_pdf, empty_pdf, long_pdf, print_book
from tests.training.textbooks.shelf import PAGES, Printed

SMALL = (Printed("clinical", 1, "Psoriasis of the knee.", picture=drawn("clinical", 1, (40, 30))),)
LARGE = (Printed("clinical", 2, "Eczema of the hand.", picture=drawn("clinical", 2, (400, 300))),)


def walk(folder, *more, limit=None):
    command = [sys.executable, "-m", "dermtriage", "dataset", "textbooks", str(folder / "books")]
    return subprocess.run(
        [*command, "--out", str(folder / "out"), "--workers", "1", *more],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"},
        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """One shelf with all of them, walked once as far as the pairs need."""
    folder = tmp_path_factory.mktemp("bad")
    books = folder / "books"
    books.mkdir()
    print_book(books / "good.pdf", PAGES[:2])
    print_book(books / "scripted.pdf", PAGES[2:3], script="app.x = 1")
    print_book(books / "locked.pdf", PAGES[:1], password="secret")
    (books / "copied.pdf").write_bytes((books / "good.pdf").read_bytes())
    (books / "cut.pdf").write_bytes((books / "good.pdf").read_bytes()[:9000])
    (books / "without_pages.pdf").write_bytes(empty_pdf())
    (books / "endless.pdf").write_bytes(long_pdf(10_000))
    (books / "bomb.pdf").write_bytes(bomb_pdf())
    (books / "no_bytes.pdf").touch()
    (books / "words.pdf").write_text("not a PDF")
    return folder, walk(folder, "--without-hugging-face")


@pytest.mark.parametrize(
    ("book", "says"),
    [
        ("locked.pdf", "it is encrypted"),
        ("cut.pdf", "cut short"),
        ("without_pages.pdf", ""),
        ("endless.pdf", "10000 pages, at most"),
        ("no_bytes.pdf", "the file is empty"),
        ("words.pdf", "no PDF"),
    ],
)
def test_each_has_its_line(told, book, says):
    lines = told[1].stdout.splitlines()
    assert any(line.startswith(f"{book}: extract: ") and says in line for line in lines)


def test_a_bomb_costs_its_page(told):
    assert any("bomb" in line and "60000 x 60000 pixels" in line for line in told[1].stdout.splitlines())


def test_a_script_is_named_and_its_book_read(told):
    folder, result = told
    assert "scripted.pdf: scripts in it were not run" in result.stdout.splitlines()
    (pages,) = folder.glob("out/books/scripted-*/pages.jsonl")
    assert len(pages.read_text().splitlines()) == 1
    assert "good.pdf: scripts" not in result.stdout
    assert "PdfBitmap" not in result.stdout + result.stderr


def test_a_copy_is_read_once(told):
    assert "good.pdf: the same as copied.pdf; left out" in told[1].stdout


def test_the_others_are_done_and_the_end_says_so(told):
    folder, result = told
    assert result.returncode == 1
    assert "3 of 9 books done; not: cut.pdf, endless.pdf, locked.pdf" in result.stdout
    assert len((folder / "out/export/manifest.csv").read_text().splitlines()) == 1 + 3
    assert "Traceback" not in result.stdout + result.stderr


def test_a_full_disk_is_said_in_a_line_and_what_fits_is_kept(tmp_path):
    (tmp_path / "books").mkdir()
    print_book(tmp_path / "books" / "small.pdf", SMALL)
    print_book(tmp_path / "books" / "large.pdf", LARGE)
    full = walk(tmp_path, "--step", "extract", limit=30_000)
    assert full.returncode == 1
    assert "large.pdf: extract: no room left in" in full.stdout
    assert "1 of 2 books done; not: large.pdf" in full.stdout
    assert "Traceback" not in full.stdout + full.stderr
    enough = walk(tmp_path, "--step", "extract")
    assert enough.returncode == 0, enough.stdout
    assert not list(tmp_path.glob("out/**/*.part"))


def test_a_folder_without_books_is_named(tmp_path):
    (tmp_path / "books").mkdir()
    result = walk(tmp_path)
    assert result.returncode == 1
    assert result.stderr.strip() == (
        f"dermtriage: {tmp_path / 'books'}: no PDF in this folder; "
        "put the books there as files ending in .pdf"
    )

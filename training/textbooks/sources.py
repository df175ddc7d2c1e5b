"""The books of a run: which files they are, what they are called, and under which licence they stand."""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from training.textbooks.errors import TextbookError
from training.textbooks.workspace import Book

BLOCK = 1 << 20
NAMES = ("sources.csv", "sources.yaml")


@dataclass(frozen=True)
class Source:
    """What is known of a book. Empty: not stated."""

    title: str = ""
    licence: str = ""


def books_of(folder: Path, out: Path) -> tuple[list[Book], list[str], list[str]]:
    """The PDFs below a folder, a line for each that cannot be opened, and one for each that is there twice.

    Raises `TextbookError` where there is no PDF.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".pdf" and file.is_file())
    if not files:
        raise TextbookError(f"{folder}: no PDF in this folder; put the books there as files ending in .pdf")
    books: dict[str, Book] = {}
    faults, notes = [], []
    for file in files:
        try:
            digest = _digest(file)
        except OSError as error:
            faults.append(f"{file.name}: cannot be read: {error.strerror}")
            continue
        if digest in books:
            notes.append(f"{file.name}: the same as {books[digest].source.name}; left out")
            continue
        name = f"{_plain(file.stem)}-{digest[:8]}"
        books[digest] = Book(name, out / "books" / name, file)
    return sorted(books.values(), key=lambda book: book.id), faults, notes


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "book"


def sources_of(folder: Path, books: Sequence[Book]) -> dict[str, Source]:
    """By the book's id, from `sources.csv` (file,title,licence) or `sources.yaml` in the books' folder.

    A book that neither names gets its file's name as title. Raises `TextbookError`.
    """
    stated = {name: source for file in NAMES for name, source in _stated(folder / file)}
    unknown = sorted(stated.keys() - {book.source.name for book in books})
    if unknown:
        raise TextbookError(f"{folder}: sources name {unknown[0]!r}, which is no PDF of this folder")
    return {book.id: stated.get(book.source.name, Source(book.source.stem)) for book in books}


def _stated(file: Path) -> Iterator[tuple[str, Source]]:
    if not file.is_file():
        return
    try:
        rows = _rows(file)
    except (OSError, UnicodeDecodeError, csv.Error, yaml.YAMLError) as error:
        raise TextbookError(f"{file}: cannot be read: {error}") from None
    for row in rows:
        if not isinstance(row, dict) or not row.get("file"):
            raise TextbookError(f"{file}: each entry needs `file` (the PDF's name), `title` and `licence`")
        title = str(row.get("title") or "") or Path(str(row["file"])).stem
        yield str(row["file"]), Source(title, str(row.get("licence") or ""))


def _rows(file: Path) -> list[dict[str, object]]:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [dict(row) for row in csv.DictReader(lines)]
    return list(yaml.safe_load(file.read_text(encoding="utf-8")) or [])

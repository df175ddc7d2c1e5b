"""Runs the step over all books. The folder is written beside its place and moved there when it is whole."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from training.textbooks.export.card import Counts, card
from training.textbooks.export.hugging_face import Rows, write_hugging_face
from training.textbooks.export.rows import Row, placed, rows
from training.textbooks.export.splits import places
from training.textbooks.export.tables import tables_in
from training.textbooks.sources import Source
from training.textbooks.workspace import Book


def run(
    books: Sequence[Book], sources: Mapping[str, Source], folder: Path, *, hugging_face: bool = True
) -> list[str]:
    """Read what the steps wrote, write `folder`. Lines to show."""
    unfinished = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    where = places(placed(books))
    read = Rows(lambda: rows(books, sources, where))
    counts = Counts()
    with tables_in(unfinished) as tables:
        for row in read:
            tables.add(row, _copied(row, unfinished) if row.is_fit else "")
            counts.add(row)
    if hugging_face:
        write_hugging_face(unfinished / "datasets", unfinished, read)
    (unfinished / "README.md").write_text(card(counts), encoding="utf-8", newline="\n")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.replace(folder)
    return _lines(counts, folder)


def _copied(row: Row, folder: Path) -> str:
    """Copy the picture into the export. Its SHA-256."""
    target = folder / row.image
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(row.file, target)
    with target.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _lines(counts: Counts, folder: Path) -> list[str]:
    samples = sum(counts.subsets.values())
    lines = [f"export: {counts.fit} pictures and {samples} questions in {folder}"]
    unknown = [book for book, (_, licence) in sorted(counts.sources.items()) if not licence]
    if unknown:
        lines.append(
            f"  no licence is stated for {', '.join(unknown)}: write file,title,licence into sources.csv "
            "beside the books, and share nothing before"
        )
    return lines

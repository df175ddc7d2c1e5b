"""First half of the step: what is seen in each picture of one book, alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.textbooks.filter.annotations import annotation_reasons
from training.textbooks.filter.faces import face_reasons
from training.textbooks.filter.phash import phash, tones
from training.textbooks.filter.said import DRAWING, said_reasons
from training.textbooks.parallel import Workers
from training.textbooks.pictures import opened
from training.textbooks.records import ModalityGuess, Page, Pair, Record
from training.textbooks.workspace import Book, read_records, write_records

LOOKED_AT = 640
# A picture surely made through a lens or a microscope is not searched for faces.
SURE = 0.9


class Look(Record):
    """What one picture shows; no hash where it cannot be read."""

    id: str
    phash: str = ""
    tones: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Task:
    pair: str
    file: Path
    caption: str
    search_faces: bool
    is_drawing: bool


def run(book: Book, workers: Workers) -> int:
    """Read pages, pairs, modalities and the pictures, write `looks.jsonl`. The count."""
    return write_records(book.file("looks.jsonl"), workers.map(_look, _tasks(book)))


def _tasks(book: Book) -> Iterator[_Task]:
    drawings = _drawings(book)
    guesses = read_records(book.file("modality.jsonl"), ModalityGuess)
    for pair, guess in zip(read_records(book.file("pairs.jsonl"), Pair), guesses, strict=True):
        sure = guess.checked is not None or guess.probability >= SURE
        yield _Task(
            pair.id,
            book.file(pair.file),
            pair.caption,
            not sure or guess.settled == "clinical",
            pair.figure in drawings,
        )


def _drawings(book: Book) -> set[str]:
    """Figures that the book draws with lines: no camera made them, so they are of no modality."""
    pages = read_records(book.file("pages.jsonl"), Page)
    return {figure.id for page in pages for figure in page.figures if figure.kind == "vector"}


def _look(task: _Task) -> Look:
    try:
        picture = opened(task.file, LOOKED_AT)
    except OSError:
        return Look(id=task.pair, reasons=("unreadable",))
    reasons = [
        *(face_reasons(picture) if task.search_faces else ()),
        *annotation_reasons(picture),
        *said_reasons(task.caption),
        *((DRAWING,) if task.is_drawing else ()),
    ]
    return Look(
        id=task.pair, phash=phash(picture), tones=tones(picture), reasons=tuple(dict.fromkeys(reasons))
    )

"""First half of the step: what each picture of one book looks like, in numbers."""

from collections.abc import Iterator
from pathlib import Path

from training.textbooks.modality.features import features
from training.textbooks.parallel import Workers
from training.textbooks.pictures import opened
from training.textbooks.records import Pair, Record
from training.textbooks.workspace import Book, read_records, write_records

LOOKED_AT = 512


class Measured(Record):
    """A pair's features; none where its picture cannot be read."""

    id: str
    features: tuple[float, ...] = ()


def run(book: Book, workers: Workers) -> int:
    """Read `pairs.jsonl` and the pictures, write `measured.jsonl`. The count."""
    return write_records(book.file("measured.jsonl"), _records(book, workers))


def _records(book: Book, workers: Workers) -> Iterator[Measured]:
    pairs = ((pair.id, book.file(pair.file)) for pair in read_records(book.file("pairs.jsonl"), Pair))
    return workers.map(_measured, pairs)


def _measured(named: tuple[str, Path]) -> Measured:
    pair, file = named
    try:
        return Measured(id=pair, features=features(opened(file, LOOKED_AT)))
    except OSError:
        # The filter flags what cannot be read.
        return Measured(id=pair)

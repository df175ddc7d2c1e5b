"""Second half of the step, over all books: learn from what is checked, guess the rest, write check sheets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from training.textbooks.checked import Check, Key
from training.textbooks.modality.confusion import report
from training.textbooks.modality.measured import Measured
from training.textbooks.modality.model import Example, ModalityModel
from training.textbooks.modality.sheet import Doubt, write_sheets
from training.textbooks.records import ModalityGuess, Pair
from training.textbooks.workspace import Book, read_records, write_records

# With fewer books checked, pages of one book are told apart instead.
ENOUGH_BOOKS = 3


def run(books: Sequence[Book], checks: Mapping[Key, Check], sheets: Path) -> list[str]:
    """Read `pairs.jsonl` and `measured.jsonl` of each book, write `modality.jsonl` there. Lines to show."""
    taught = [example for book in books for example in _checked_examples(book, checks)]
    taught, grouped_by = _grouped(taught)
    model = ModalityModel(taught)
    for book in books:
        write_records(book.file("modality.jsonl"), _guesses(book, model, checks))
    pages = write_sheets(sheets, _doubts(books, checks))
    lines = report(taught, grouped_by)
    if pages:
        lines.append(
            f"  to check: {pages} sheet(s) in {sheets}; then give what they save by --checked FILE.csv"
        )
    return lines


def _checked_examples(book: Book, checks: Mapping[Key, Check]) -> Iterator[Example]:
    for pair, measured in _measured(book):
        check = checks.get((book.id, pair.id))
        if check and measured.features:
            yield Example(measured.features, pair.caption, f"{book.id}\n{pair.figure}", check.modality)


def _grouped(taught: list[Example]) -> tuple[list[Example], str]:
    """By book where enough books are checked, else by figure."""
    books = {example.group.split("\n")[0] for example in taught}
    if len(books) < ENOUGH_BOOKS:
        return taught, "figure"
    return [
        Example(one.features, one.caption, one.group.split("\n")[0], one.modality) for one in taught
    ], "book"


def _guesses(book: Book, model: ModalityModel, checks: Mapping[Key, Check]) -> Iterator[ModalityGuess]:
    for pair, measured in _measured(book):
        modality, probability = model.guess(Example(measured.features, pair.caption))
        check = checks.get((book.id, pair.id))
        yield ModalityGuess(
            id=pair.id,
            modality=modality,
            probability=round(probability, 4),
            checked=check.modality if check else None,
        )


def _measured(book: Book) -> Iterable[tuple[Pair, Measured]]:
    pairs = read_records(book.file("pairs.jsonl"), Pair)
    return zip(pairs, read_records(book.file("measured.jsonl"), Measured), strict=True)


def _doubts(books: Sequence[Book], checks: Mapping[Key, Check]) -> Iterator[Doubt]:
    for book in books:
        guesses = read_records(book.file("modality.jsonl"), ModalityGuess)
        for pair, guess in zip(read_records(book.file("pairs.jsonl"), Pair), guesses, strict=True):
            if (book.id, pair.id) not in checks:
                yield Doubt(book.id, pair, guess, book.file(pair.file))

"""What is exported: every pair of every book with all that the steps found, one at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.textbooks.export.splits import Place, Placed
from training.textbooks.records import Cleaned, ModalityGuess, Pair, Question, Screened
from training.textbooks.sources import Source
from training.textbooks.workspace import Book, read_records

DUPLICATE = "duplicate_of:"


@dataclass(frozen=True)
class Row:
    """One pair. `image`: where its picture lies in the export."""

    source: Source
    file: Path
    image: str
    pair: Pair
    cleaned: Cleaned
    guess: ModalityGuess
    screened: Screened
    place: Place
    questions: tuple[Question, ...]

    @property
    def is_fit(self) -> bool:
        """True where nothing speaks against it and its caption says something."""
        return not self.screened.reasons and bool(self.cleaned.text)

    @property
    def label(self) -> str:
        """The most specific diagnosis; empty without one."""
        return self.cleaned.diagnoses[0] if self.cleaned.diagnoses else ""


def placed(books: Sequence[Book]) -> Iterator[Placed]:
    """All pairs as the splits need them, each picture before those that repeat it."""
    for book in books:
        screened = read_records(book.file("screened.jsonl"), Screened)
        for pair, one in zip(read_records(book.file("pairs.jsonl"), Pair), screened, strict=True):
            repeats = [reason for reason in one.reasons if reason.startswith(DUPLICATE)]
            original = repeats[0].removeprefix(DUPLICATE) if repeats else ""
            yield Placed(f"{book.id}/{pair.id}", book.id, pair.figure, original)


def rows(books: Sequence[Book], sources: Mapping[str, Source], where: Mapping[str, Place]) -> Iterator[Row]:
    """All pairs, in the order of books and pages."""
    for book in books:
        asked = _by_pair(read_records(book.file("questions.jsonl"), Question))
        following = next(asked, None)
        for pair, cleaned, guess, screened in zip(
            read_records(book.file("pairs.jsonl"), Pair),
            read_records(book.file("cleaned.jsonl"), Cleaned),
            read_records(book.file("modality.jsonl"), ModalityGuess),
            read_records(book.file("screened.jsonl"), Screened),
            strict=True,
        ):
            questions: tuple[Question, ...] = ()
            if following is not None and following[0] == pair.id:
                questions, following = following[1], next(asked, None)
            file = book.file(pair.file)
            image = f"images/{book.id}/{pair.id}{file.suffix.lower()}"
            place = where[f"{book.id}/{pair.id}"]
            yield Row(sources[book.id], file, image, pair, cleaned, guess, screened, place, questions)


def _by_pair(questions: Iterator[Question]) -> Iterator[tuple[str, tuple[Question, ...]]]:
    """The questions of one pair after the other: they are written in the pairs' order."""
    gathered: list[Question] = []
    for question in questions:
        if gathered and question.pair != gathered[0].pair:
            yield gathered[0].pair, tuple(gathered)
            gathered = []
        gathered.append(question)
    if gathered:
        yield gathered[0].pair, tuple(gathered)

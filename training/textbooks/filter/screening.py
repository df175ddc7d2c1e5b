"""Second half of the step, over all books: near-duplicates, and what a person said of the captions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from training.textbooks.checked import SURE_CAPTION, Check, Key
from training.textbooks.filter.duplicates import Hashed, duplicates
from training.textbooks.filter.looking import Look
from training.textbooks.records import Pair, Screened
from training.textbooks.workspace import Book, read_records, write_records


def run(books: Sequence[Book], checks: Mapping[Key, Check]) -> list[str]:
    """Read `pairs.jsonl` and `looks.jsonl` of each book, write `screened.jsonl` there. Lines to show."""
    repeated = duplicates([hashed for book in books for hashed in _hashed(book)])
    counts: Counter[str] = Counter()
    pairs = 0
    for book in books:
        pairs += write_records(book.file("screened.jsonl"), _screened(book, repeated, checks, counts))
    flagged = ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))
    return [f"filter: {pairs} pairs; flagged: {flagged or 'none'}"]


def _hashed(book: Book) -> Iterator[Hashed]:
    for look in read_records(book.file("looks.jsonl"), Look):
        if look.phash:
            yield Hashed(f"{book.id}/{look.id}", look.phash, look.tones)


def _screened(
    book: Book, repeated: Mapping[str, str], checks: Mapping[Key, Check], counts: Counter[str]
) -> Iterator[Screened]:
    looks = read_records(book.file("looks.jsonl"), Look)
    for pair, look in zip(read_records(book.file("pairs.jsonl"), Pair), looks, strict=True):
        reasons = [*look.reasons, *_of_caption(pair, checks.get((book.id, pair.id)))]
        if original := repeated.get(f"{book.id}/{pair.id}"):
            reasons.append(f"duplicate_of:{original}")
        counts.update({reason.split(":")[0] for reason in reasons})
        yield Screened(id=pair.id, phash=look.phash, reasons=tuple(reasons))


def _of_caption(pair: Pair, check: Check | None) -> list[str]:
    """A person's word stands above the alignment's confidence."""
    if check is not None:
        return [] if check.belongs else ["wrong_caption"]
    return ["unsure_caption"] if pair.confidence < SURE_CAPTION else []

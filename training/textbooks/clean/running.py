"""Runs the step on one book."""

from collections.abc import Iterator

from training.textbooks.clean.ages import age_in
from training.textbooks.clean.diagnoses import diagnoses_in
from training.textbooks.clean.sexes import sex_in
from training.textbooks.clean.tidying import tidied
from training.textbooks.records import Cleaned, Pair
from training.textbooks.workspace import Book, read_records, write_records


def run(book: Book) -> int:
    """Read `pairs.jsonl`, write `cleaned.jsonl`: one record a pair, in order. The count."""
    return write_records(book.file("cleaned.jsonl"), _records(book))


def _records(book: Book) -> Iterator[Cleaned]:
    return (cleaned(pair) for pair in read_records(book.file("pairs.jsonl"), Pair))


def cleaned(pair: Pair) -> Cleaned:
    """The pair's caption fit for use, with what it states of the patient."""
    text = tidied(pair.caption)
    age, sex, found = age_in(text), sex_in(text), diagnoses_in(text)
    return Cleaned(
        id=pair.id,
        text=text,
        age_years=age.years if age else None,
        age_span=age.span if age else None,
        sex=sex.value if sex else None,
        sex_span=sex.span if sex else None,
        diagnoses=found.affirmed,
        excluded=found.excluded,
    )

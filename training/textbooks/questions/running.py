"""Runs the step on one book."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog

from training.textbooks.questions.balance import Balance
from training.textbooks.questions.drafts import Draft, open_drafts, yes_no_drafts
from training.textbooks.questions.facts import Facts, facts_of
from training.textbooks.questions.language_model import LanguageModel
from training.textbooks.questions.supported import YES_NO, lead_of, unsupported
from training.textbooks.questions.templates import templates
from training.textbooks.records import Cleaned, Modality, ModalityGuess, Pair, Question, Screened, Subset
from training.textbooks.workspace import Book, read_records, write_records

log = structlog.get_logger()


@dataclass
class _Run:
    """What is carried from pair to pair."""

    book: Book
    model: LanguageModel | None
    seen: tuple[str, ...]
    modalities: dict[str, Modality]
    flagged: frozenset[str]
    # Flagged pairs may be left out later: yes and no are even among the others alone too.
    balances: dict[bool, Balance] = field(default_factory=lambda: {False: Balance(), True: Balance()})
    dropped: int = 0


def run(book: Book, model: LanguageModel | None = None) -> int:
    """Read `pairs.jsonl` and `cleaned.jsonl` (`modality.jsonl`, `screened.jsonl` where they are), write
    `questions.jsonl`. With a model, open questions are the model's where any of them holds. The count.

    Raises `vlm.errors.RemoteUnavailable`; what the model said until then is kept for the next run.
    """
    carried = _Run(book, model, _diagnoses_of(book), _modalities_of(book), _flagged_of(book))
    count = write_records(book.file("questions.jsonl"), _questions(carried))
    log.info("textbook_questions", book=book.id, questions=count, unsupported_dropped=carried.dropped)
    return count


def _questions(run: _Run) -> Iterator[Question]:
    pairs = read_records(run.book.file("pairs.jsonl"), Pair)
    for pair, cleaned in zip(pairs, read_records(run.book.file("cleaned.jsonl"), Cleaned), strict=True):
        if cleaned.text:
            yield from _of_pair(run, pair, cleaned)


def _of_pair(run: _Run, pair: Pair, cleaned: Cleaned) -> Iterator[Question]:
    facts, key = facts_of(cleaned, run.modalities.get(pair.id)), f"{pair.book}/{pair.id}"
    written = list(_written_by_model(run, cleaned, facts, pair))
    yield from _numbered(pair, written)
    for draft in open_drafts(cleaned, facts, key):
        subset = templates()[draft.kind].subset
        if subset == "O" and written:
            continue
        if subset == "C" or _holds(run, draft, cleaned, facts):
            yield _sample(pair, subset, draft)
    yield from _yes_no(run, pair, cleaned, facts, key)


def _yes_no(run: _Run, pair: Pair, cleaned: Cleaned, facts: Facts, key: str) -> Iterator[Question]:
    for draft in yes_no_drafts(facts, key, run.seen):
        yes = Draft(draft.kind, draft.yes, "Yes") if draft.yes else None
        no = Draft(draft.kind, draft.no, "No") if draft.no else None
        can_yes = yes is not None and _holds(run, yes, cleaned, facts)
        can_no = no is not None and _holds(run, no, cleaned, facts)
        answer = _balance(run, pair).answer(can_yes=can_yes, can_no=can_no, key=f"{key}/{draft.kind}")
        chosen = {"yes": yes, "no": no}.get(answer or "")
        if chosen:
            yield _sample(pair, templates()[draft.kind].subset, chosen, yes_no=True)


def _written_by_model(run: _Run, cleaned: Cleaned, facts: Facts, pair: Pair) -> Iterator[Draft]:
    """The model's drafts that the caption bears, its yes and no balanced with the others."""
    if run.model is None:
        return
    for draft in run.model.drafts(cleaned.text, run.book.file("language_model")):
        if not _holds(run, draft, cleaned, facts):
            continue
        lead = lead_of(draft.answer)
        if lead and not _balance(run, pair).answer(
            can_yes=lead == "yes", can_no=lead == "no", key=f"{pair.id}/{draft.question}"
        ):
            continue
        yield draft


def _numbered(pair: Pair, drafts: list[Draft]) -> Iterator[Question]:
    for number, draft in enumerate(drafts, start=1):
        yes_no = bool(YES_NO.match(draft.question) and lead_of(draft.answer))
        yield Question(
            id=f"{pair.id}-O-model-{number:02d}",
            pair=pair.id,
            book=pair.book,
            page=pair.page,
            subset="O",
            kind=draft.kind,
            question=draft.question,
            answer=draft.answer,
            source="language_model",
            yes_no=yes_no,
        )


def _sample(pair: Pair, subset: Subset, draft: Draft, *, yes_no: bool = False) -> Question:
    return Question(
        id=f"{pair.id}-{subset}-{draft.kind}",
        pair=pair.id,
        book=pair.book,
        page=pair.page,
        subset=subset,
        kind=draft.kind,
        question=draft.question,
        answer=draft.answer,
        source="template",
        yes_no=yes_no,
    )


def _holds(run: _Run, draft: Draft, cleaned: Cleaned, facts: Facts) -> bool:
    held = not unsupported(draft.answer, draft.question, cleaned.text, facts)
    run.dropped += not held
    return held


def _balance(run: _Run, pair: Pair) -> Balance:
    return run.balances[pair.id in run.flagged]


def _diagnoses_of(book: Book) -> tuple[str, ...]:
    cleaned = read_records(book.file("cleaned.jsonl"), Cleaned)
    return tuple(sorted({label for one in cleaned for label in one.diagnoses}))


def _modalities_of(book: Book) -> dict[str, Modality]:
    file = book.file("modality.jsonl")
    return {one.id: one.settled for one in read_records(file, ModalityGuess)} if file.exists() else {}


def _flagged_of(book: Book) -> frozenset[str]:
    file = book.file("screened.jsonl")
    return (
        frozenset(one.id for one in read_records(file, Screened) if one.reasons)
        if file.exists()
        else frozenset()
    )

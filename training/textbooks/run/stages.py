"""The stages of the road in order. A step has one stage or two: book by book, then over all books together.

The steps are imported when they run: none waits for the libraries of another.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.textbooks.run.options import Options
from training.textbooks.workspace import Book

STEPS = ("extract", "align", "modality", "clean", "filter", "questions", "export")
# Stands for the PDF among the files that a stage reads.
SOURCE = "book.pdf"


def _nothing(options: Options) -> str:
    return ""


@dataclass(frozen=True)
class BookStage:
    """Done for each book. `reads`, `writes`: files in its folder. `told`: the options it depends on.

    `run` may return lines to show.
    """

    step: str
    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[Book, Options], list[str] | None]
    told: Callable[[Options], str] = _nothing

    def files(self, book: Book) -> list[Path]:
        """What it reads of a book."""
        return [book.source if name == SOURCE else book.file(name) for name in self.reads]


@dataclass(frozen=True)
class JointStage:
    """Done for all books together. `writes`: in each book's folder, `leaves`: in the run's.

    `run` returns lines to show.
    """

    step: str
    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    leaves: tuple[str, ...]
    run: Callable[[Sequence[Book], Options], list[str]]
    told: Callable[[Options], str] = _nothing


Stage = BookStage | JointStage


def _extract(book: Book, options: Options) -> list[str]:
    from training.textbooks import extract

    # Pages are counted only where somebody watches.
    extract.run(book, options.workers.count, progress=sys.stderr.isatty())
    return ["scripts in it were not run"] if extract.has_scripts(book.source) else []


def _align(book: Book, options: Options) -> None:
    from training.textbooks import align

    align.run(book)


def _measure(book: Book, options: Options) -> None:
    from training.textbooks.modality import measured

    measured.run(book, options.workers)


def _guess(books: Sequence[Book], options: Options) -> list[str]:
    from training.textbooks.modality import guessing

    return guessing.run(books, options.checks, options.out / "check")


def _clean(book: Book, options: Options) -> None:
    from training.textbooks import clean

    clean.run(book)


def _look(book: Book, options: Options) -> None:
    from training.textbooks.filter import looking

    looking.run(book, options.workers)


def _screen(books: Sequence[Book], options: Options) -> list[str]:
    from training.textbooks.filter import screening

    return screening.run(books, options.checks)


def _ask(book: Book, options: Options) -> None:
    from training.textbooks import questions

    questions.run(book, options.language_model)


def _export(books: Sequence[Book], options: Options) -> list[str]:
    from training.textbooks.export import running

    return running.run(books, options.sources, options.out / "export", hugging_face=options.hugging_face)


def _checks(options: Options) -> str:
    return json.dumps([[*key, one.modality, one.belongs] for key, one in sorted(options.checks.items())])


def _model(options: Options) -> str:
    model = options.language_model
    return f"{model.server.url} {model.model}" if model else ""


def _sources(options: Options) -> str:
    stated = {book: [one.title, one.licence] for book, one in sorted(options.sources.items())}
    return json.dumps([stated, options.hugging_face])


_PAIRS, _MODALITY, _SCREENED = "pairs.jsonl", "modality.jsonl", "screened.jsonl"
_CLEANED, _QUESTIONS = "cleaned.jsonl", "questions.jsonl"

STAGES: tuple[Stage, ...] = (
    BookStage("extract", "extract", (SOURCE,), ("pages.jsonl",), _extract),
    BookStage("align", "align", ("pages.jsonl",), (_PAIRS,), _align),
    BookStage("modality", "measure", (_PAIRS,), ("measured.jsonl",), _measure),
    JointStage("modality", "modality", (_PAIRS, "measured.jsonl"), (_MODALITY,), ("check",), _guess, _checks),
    BookStage("clean", "clean", (_PAIRS,), (_CLEANED,), _clean),
    BookStage("filter", "look", ("pages.jsonl", _PAIRS, _MODALITY), ("looks.jsonl",), _look),
    JointStage("filter", "filter", (_PAIRS, "looks.jsonl"), (_SCREENED,), (), _screen, _checks),
    BookStage(
        "questions", "questions", (_PAIRS, _CLEANED, _MODALITY, _SCREENED), (_QUESTIONS,), _ask, _model
    ),
    JointStage(
        "export",
        "export",
        (_PAIRS, _CLEANED, _MODALITY, _SCREENED, _QUESTIONS),
        (),
        ("export",),
        _export,
        _sources,
    ),
)

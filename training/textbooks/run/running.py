"""Walks the stages. A fault in one book is told in one line, and the other books go on."""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from training.textbooks.errors import TextbookError
from training.textbooks.run.marks import is_done, set_done, state_of
from training.textbooks.run.options import Options
from training.textbooks.run.stages import STAGES, STEPS, BookStage, JointStage, Stage
from training.textbooks.workspace import Book
from vlm.errors import ModelError

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


@dataclass
class Outcome:
    """What became of a run: a line a fault, by book."""

    books: int
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Books that went all the way."""
        return self.books - len(self.faults)

    def fail(self, book: Book, fault: str, say: Callable[[str], None]) -> None:
        """Say what is wrong with a book, and keep it."""
        self.faults[book.source.name] = f"{book.source.name}: {fault}"
        say(self.faults[book.source.name])


def run(books: Sequence[Book], options: Options, say: Callable[[str], None]) -> Outcome:
    """Do what is not done. `say` is told a line at a time. Raises `TextbookError` where none can go on."""
    outcome = Outcome(len(books))
    left = list(books)
    for stage in STAGES:
        if options.only and stage.step != options.only:
            continue
        if isinstance(stage, BookStage):
            left = [book for book in _shown(left, stage) if _went_on(book, stage, options, outcome, say)]
        else:
            left = [book for book in left if _is_ready(book, stage, outcome, say)]
            _together(left, stage, options, say)
    return outcome


def _shown(books: Sequence[Book], stage: Stage) -> "tqdm[Book]":
    # No bar where nobody watches: `disable=None` looks at the terminal.
    return tqdm(books, desc=f"{stage.name:<10}", unit="book", disable=None)


def _went_on(
    book: Book, stage: BookStage, options: Options, outcome: Outcome, say: Callable[[str], None]
) -> bool:
    """Run the stage on one book where it is not done. False where it failed."""
    try:
        for line in _one(book, stage, options):
            say(f"{book.source.name}: {line}")
    # Whatever is wrong with one book, the others go on.
    except Exception as error:  # noqa: BLE001
        outcome.fail(book, f"{stage.step}: {_told(error, options.out)}", say)
        return False
    return True


def _one(book: Book, stage: BookStage, options: Options) -> list[str]:
    _need(stage.files(book), stage.step)
    mark = book.file(f".done/{stage.name}.json")
    state = state_of(stage.files(book), stage.told(options))
    if not _again(stage, options) and is_done(mark, state, [book.file(name) for name in stage.writes]):
        return []
    mark.unlink(missing_ok=True)
    lines = stage.run(book, options) or []
    set_done(mark, state)
    return lines


def _together(books: Sequence[Book], stage: JointStage, options: Options, say: Callable[[str], None]) -> None:
    if not books:
        return
    read = [book.file(name) for book in books for name in stage.reads]
    mark = options.out / ".done" / f"{stage.name}.json"
    names = "\n".join(book.id for book in books)
    written = [book.file(name) for book in books for name in stage.writes]
    written += [options.out / name for name in stage.leaves]
    try:
        state = state_of(read, f"{names}\n{stage.told(options)}")
        if not _again(stage, options) and is_done(mark, state, written):
            return
        mark.unlink(missing_ok=True)
        for line in stage.run(books, options):
            say(line)
        set_done(mark, state)
    except OSError as error:
        raise TextbookError(f"{stage.step}: {_told(error, options.out)}") from None


def _again(stage: Stage, options: Options) -> bool:
    """True where the user asked for it, done or not."""
    if options.only:
        return True
    return bool(options.first) and STEPS.index(stage.step) >= STEPS.index(options.first)


def _is_ready(book: Book, stage: JointStage, outcome: Outcome, say: Callable[[str], None]) -> bool:
    try:
        _need([book.file(name) for name in stage.reads], stage.step)
    except TextbookError as error:
        outcome.fail(book, f"{stage.step}: {error}", say)
        return False
    return True


def _need(files: Sequence[Path], step: str) -> None:
    missing = [file for file in files if not file.exists()]
    if missing:
        raise TextbookError(f"{missing[0].name} is missing: run the steps before {step}")


def _told(error: Exception, out: Path) -> str:
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"no room left in {out}: free some, then start again; what is done is kept"
    if isinstance(error, TextbookError | ModelError):
        return str(error)
    return " ".join(f"{type(error).__name__}: {error}".split())

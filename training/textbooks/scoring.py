"""What the pairs are worth against a truth: precision and recall, digital and scanned pages apart.

A truth is a JSON file that lists every pair there is,
`{"books": {BOOK: [{"page", "box", "number", "panel", "caption", "scanned"}, ...]}}`,
or a csv of verdicts on pairs that were found, `sha256,page,figure,panel,x0,y0,x1,y1,caption,right`, `right`
being right or wrong; from verdicts only precision follows. `BOOK` and the hash name the book by its id or by
the id's first or last part. Boxes are points from the page's top left corner, as read.
"""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from training.textbooks.errors import BookError
from training.textbooks.geometry import likeness
from training.textbooks.records import Box, Pair
from training.textbooks.workspace import read_records

SAME_PLACE = 0.6
"""Intersection over union from which two boxes are the same figure."""
SAME_TEXT = 0.9
"""Likeness of two captions' letters from which they are the same."""
VERDICT_LETTERS = 80
"""A caption of just this length in a truth is the beginning of one."""
SAME_TEXT_SCANNED = 0.8
"""The same where OCR read them."""


class TruePair(BaseModel):
    """A pair that is in the book. `right` is a verdict's; a full truth lists right pairs only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: int
    box: tuple[float, float, float, float]
    number: str
    panel: str = ""
    caption: str
    scanned: bool = False
    right: bool = True


@dataclass(frozen=True)
class Truth:
    """By book. `whole`: every pair is listed, so that recall follows and any other pair is wrong."""

    books: dict[str, tuple[TruePair, ...]]
    whole: bool


@dataclass(frozen=True)
class Score:
    """Counts of one kind of page. `unjudged` are pairs on which there is no verdict."""

    kind: str
    right: int
    found: int
    true: int | None
    unjudged: int = 0

    @property
    def precision(self) -> float | None:
        """Of the pairs found (of those judged, by verdicts)."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Of the pairs there are; none by verdicts."""
        return self.right / self.true if self.true else None


def read_truth(file: Path) -> Truth:
    """Raises `BookError` naming the file, and what is wrong with it."""
    try:
        return _verdicts(file) if file.suffix == ".csv" else _listed(file)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BookError(f"{file.name} is no truth file: {str(error).splitlines()[0]}") from None


def pairs_at(place: Path) -> list[Pair]:
    """The pairs of one `pairs.jsonl`, of one book's folder or of a whole run. Raises `BookError`."""
    files = (
        [place] if place.is_file() else sorted({*place.glob("pairs.jsonl"), *place.rglob("*/pairs.jsonl")})
    )
    if not files:
        raise BookError(f"{place}: no pairs.jsonl there; run `dermtriage dataset textbooks` first")
    return [pair for file in files for pair in read_records(file, Pair)]


def scores(pairs: Sequence[Pair], truth: Truth) -> list[Score]:
    """Digital pages, scanned pages, and both, as far as there are any."""
    judged = [_judged(pair, _of_book(pair.book, truth), truth) for pair in pairs]
    kinds = [("digital", False), ("scanned", True)]
    apart = [_score(name, judged, truth, (scanned,)) for name, scanned in kinds]
    apart = [score for score in apart if score.found or score.true or score.unjudged]
    return apart if len(apart) == 1 else [*apart, _score("all", judged, truth, (False, True))]


@dataclass(frozen=True)
class _Judged:
    scanned: bool
    right: bool | None


def _judged(pair: Pair, true: Iterable[TruePair], truth: Truth) -> _Judged:
    true = list(true)
    scanned = any(one.scanned for one in true if one.page == pair.page)
    same = next((one for one in true if is_same(pair, one)), None)
    if truth.whole:
        return _Judged(scanned, same is not None)
    return _Judged(scanned, same.right if same else None)


def is_same(pair: Pair, one: TruePair) -> bool:
    """Whether both speak of the same picture, number, panel and text."""
    x0, y0, x1, y1 = one.box
    return (
        pair.page == one.page
        and _key(pair.number) == _key(one.number)
        and pair.panel == one.panel
        and likeness(pair.box, Box(x0=x0, y0=y0, x1=x1, y1=y1)) >= SAME_PLACE
        and _alike(_as_noted(pair.caption, one), one.caption)
        >= (SAME_TEXT_SCANNED if one.scanned else SAME_TEXT)
    )


def _as_noted(caption: str, one: TruePair) -> str:
    """A verdict notes how a caption begins."""
    return caption[: len(one.caption)] if len(one.caption) == VERDICT_LETTERS else caption


def _score(name: str, judged: Sequence[_Judged], truth: Truth, kinds: tuple[bool, ...]) -> Score:
    mine = [one for one in judged if one.scanned in kinds]
    listed = sum(one.scanned in kinds for book in truth.books.values() for one in book)
    return Score(
        kind=name,
        right=sum(one.right is True for one in mine),
        found=sum(one.right is not None for one in mine),
        true=listed if truth.whole else None,
        unjudged=sum(one.right is None for one in mine),
    )


def _of_book(book: str, truth: Truth) -> tuple[TruePair, ...]:
    names = [name for name in truth.books if _names(name, book)]
    return truth.books[max(names, key=len)] if names else ()


def _names(name: str, book: str) -> bool:
    tail = book.rsplit("-", 1)[-1]
    return book == name or book.startswith(f"{name}-") or (len(tail) >= 8 and name.startswith(tail))


def _listed(file: Path) -> Truth:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    books = {
        name: tuple(TruePair.model_validate(one) for one in listed)
        for name, listed in content["books"].items()
    }
    return Truth(books, whole=True)


def _verdicts(file: Path) -> Truth:
    books: dict[str, list[TruePair]] = {}
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            books.setdefault(row["sha256"], []).append(
                TruePair.model_validate(
                    {
                        "page": row["page"],
                        "box": [row[edge] for edge in ("x0", "y0", "x1", "y1")],
                        "number": row["figure"],
                        "panel": row["panel"],
                        "caption": row["caption"],
                        "right": {"right": True, "wrong": False}[row["right"]],
                    }
                )
            )
    return Truth({name: tuple(listed) for name, listed in books.items()}, whole=False)


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", ".", text).casefold()


def _alike(one: str, other: str) -> float:
    first, second = (re.sub(r"[\W_]+", "", text).casefold() for text in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() if first or second else 1.0

"""Runs the step on one book."""

from collections import Counter, deque
from collections.abc import Iterator

import structlog

from training.textbooks.align.captions import Caption, captions_of
from training.textbooks.align.facing import Sheet, bind_across
from training.textbooks.align.heads import Habits
from training.textbooks.align.matching import Bond, bonds_of, place_of
from training.textbooks.align.panels import pairs_of
from training.textbooks.records import Page, Pair
from training.textbooks.workspace import Book, read_records, write_records

log = structlog.get_logger()

_EVEN = {"below": 0.8, "above": 0.6, "left": 0.5, "right": 0.5, "inside": 0.3}  # before a book is known
_KNOWN = 4.0  # captions of one place that outweigh what is usual


def run(book: Book) -> int:
    """Read `pages.jsonl`, write `pairs.jsonl` and the panels' pictures. The count of pairs."""
    habits = Habits(_pages(book))
    places = _places(book, habits)
    count = write_records(book.file("pairs.jsonl"), _pairs(book, habits, places))
    log.info("textbook_pairs", book=book.id, pairs=count)
    return count


def _pages(book: Book) -> Iterator[Page]:
    return read_records(book.file("pages.jsonl"), Page)


def _places(book: Book, habits: Habits) -> dict[str, float]:
    """Where this book puts its captions: how often each place, from pages that leave no choice."""
    seen: Counter[str] = Counter()
    for page in _pages(book):
        figures = [figure for figure in page.figures if not figure.dropped]
        captions = _captions(page, habits)
        if len(figures) == len(captions) == 1:
            found = place_of(figures[0].box, captions[0].box)
            seen.update([found[0]] if found else [])
    most = max(seen.values(), default=0)
    return {place: (seen[place] + _KNOWN * usual) / (most + _KNOWN) for place, usual in _EVEN.items()}


def _captions(page: Page, habits: Habits) -> list[Caption]:
    found = captions_of(page, habits.body_of(page), habits.body_size)
    best: dict[str, Caption] = {}
    for caption in found:
        have = best.get(caption.label.number)
        if have is None or (caption.label.stop, caption.apart) > (have.label.stop, have.apart):
            best[caption.label.number] = caption
    return [caption for caption in found if best[caption.label.number] is caption]


def _pairs(book: Book, habits: Habits, places: dict[str, float]) -> Iterator[Pair]:
    for sheet in _settled(_sheet(page, habits, places) for page in _pages(book)):
        for bond in sorted(sheet.bonds, key=_place):
            yield from pairs_of(book, bond, sheet.lines)


def _place(bond: Bond) -> str:
    return bond.figures[0].id


def _sheet(page: Page, habits: Habits, places: dict[str, float]) -> Sheet:
    lines, captions = habits.body_of(page), _captions(page, habits)
    figures = [figure for figure in page.figures if not figure.dropped]
    bonds = bonds_of(captions, figures, lines, places)
    bound = {figure.id for bond in bonds for figure in bond.figures}
    used = {id(bond.caption) for bond in bonds}
    return Sheet(
        page=page,
        lines=lines,
        bonds=bonds,
        captions=[caption for caption in captions if id(caption) not in used],
        figures=[figure for figure in figures if figure.id not in bound],
    )


def _settled(sheets: Iterator[Sheet]) -> Iterator[Sheet]:
    """Sheets in order, bound across pages: first those that face each other (2-3, 4-5), then leaf by leaf."""
    held: deque[Sheet] = deque()
    for sheet in sheets:
        held.append(sheet)
        if sheet.page.number % 2 == 1 and len(held) >= 2:
            bind_across(held[-2], held[-1])
            if len(held) >= 3:
                bind_across(held[-3], held[-2])
            while len(held) > 1:
                yield held.popleft()
    if len(held) >= 2:
        bind_across(held[-2], held[-1])
    yield from held

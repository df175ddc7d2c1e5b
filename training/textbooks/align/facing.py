"""Captions whose figure is on the facing page: plates that fill a page, their text on the other."""

from dataclasses import dataclass, field

from training.textbooks.align.captions import Caption
from training.textbooks.align.matching import Bond
from training.textbooks.geometry import area
from training.textbooks.records import Figure, Line, Page

_SURE = 0.75
_UNSURE = 0.5
_PLATE = 0.2  # part of the page that such figures cover
_WORDY = 600  # characters: a page with more is no plate


@dataclass
class Sheet:
    """A page with what was bound on it and what is left over."""

    page: Page
    lines: list[Line]
    bonds: list[Bond]
    captions: list[Caption]
    figures: list[Figure] = field(default_factory=list)


def bind_across(one: Sheet, other: Sheet) -> None:
    """Bind captions left on one of two pages to figures left on the other."""
    for words, plate in ((one, other), (other, one)):
        if words.captions and not plate.captions and not plate.bonds and _is_plate(plate):
            _bind(words, plate)


def _is_plate(sheet: Sheet) -> bool:
    covered = sum(area(figure.box) for figure in sheet.figures)
    written = sum(len(line.text) for line in sheet.lines)
    return covered > _PLATE * sheet.page.width * sheet.page.height and written < _WORDY


def _bind(words: Sheet, plate: Sheet) -> None:
    captions, figures = words.captions, plate.figures
    if len(captions) == len(figures):
        shares = [[figure] for figure in figures]
    elif len(captions) == 1:
        shares = [list(figures)]
    else:
        return
    score = _SURE if min(words.page.number, plate.page.number) % 2 == 0 else _UNSURE
    for caption, share in zip(captions, shares, strict=True):
        plate.bonds.append(Bond(caption, tuple(share), score, "facing", ("numbering", "facing_page")))
    words.captions, plate.figures = [], []

"""From a caption with its figures to pairs: one a panel, each with what is said of it."""

import re
from collections.abc import Iterator, Sequence

from PIL import Image

from training.textbooks.align.gutters import panels_in
from training.textbooks.align.matching import Bond
from training.textbooks.align.subcaptions import SubCaptions, misread_subcaptions, subcaptions_of
from training.textbooks.extract.store import stored_image
from training.textbooks.geometry import across, distance, inside
from training.textbooks.records import Box, Figure, Line, Pair
from training.textbooks.workspace import Book

_LETTER = re.compile(r"^\(?([A-Ha-h])[).]?$")
_OWN = re.compile(r"^\(([a-h])\)\s+(?=\w)|^([A-H])[.)]\s+(?=\w)")
_NEAR = 22.0  # points from a panel to its letter or its own line


def pairs_of(book: Book, bond: Bond, lines: Sequence[Line]) -> Iterator[Pair]:
    """One pair a panel; where the caption's parts cannot be told to panels, each picture with all of it."""
    text, figures = bond.caption.text, _in_order(bond.figures)
    parts = _under_panels(figures, lines, bond) or subcaptions_of(text)
    if len(figures) > 1 and (parts is None or len(parts.parts) != len(figures)):
        parts = misread_subcaptions(text, len(figures)) or parts
    if parts is None:
        letters = _lettered(figures, lines) if len(figures) > 1 else {}
        for figure in figures:
            yield _pair(book, bond, figure, letters.get(figure.id, ""), text, bond.score, ())
    elif len(figures) == len(parts.parts) > 1:
        yield from _each_its_part(book, bond, figures, parts, lines)
    elif len(figures) == 1:
        yield from _split(book, bond, figures[0], parts)
    else:
        for figure in figures:
            yield _pair(book, bond, figure, "", text, 0.7 * bond.score, ("panels_not_told_apart",))


def _each_its_part(
    book: Book, bond: Bond, figures: Sequence[Figure], parts: SubCaptions, lines: Sequence[Line]
) -> Iterator[Pair]:
    letters, reason = _lettered(figures, lines), "panel_letters"
    if set(letters.values()) != set(parts.parts):
        letters, reason = (
            dict(zip((one.id for one in figures), sorted(parts.parts), strict=True)),
            "reading_order",
        )
    for figure in figures:
        letter = letters[figure.id]
        yield _pair(book, bond, figure, letter, _said(parts, letter), bond.score, (reason,))


def _split(book: Book, bond: Bond, figure: Figure, parts: SubCaptions) -> Iterator[Pair]:
    with Image.open(book.file(figure.file)) as image:
        image.load()
        regions = panels_in(image, len(parts.parts))
        if regions is None:
            yield _pair(
                book, bond, figure, "", bond.caption.text, 0.7 * bond.score, ("panels_not_told_apart",)
            )
            return
        for letter, region in zip(sorted(parts.parts), regions, strict=True):
            kept = stored_image(book.folder, image.crop(region))
            panel = figure.model_copy(update={"file": kept.file, "box": _part(figure, region)})
            yield _pair(book, bond, panel, letter, _said(parts, letter), 0.95 * bond.score, ("gutters",))


def _part(figure: Figure, region: tuple[int, int, int, int]) -> Box:
    wide, high = figure.box.width / figure.width, figure.box.height / figure.height
    return Box(
        x0=round(figure.box.x0 + region[0] * wide, 2),
        y0=round(figure.box.y0 + region[1] * high, 2),
        x1=round(figure.box.x0 + region[2] * wide, 2),
        y1=round(figure.box.y0 + region[3] * high, 2),
    )


def _pair(
    book: Book, bond: Bond, figure: Figure, panel: str, text: str, confidence: float, reasons: tuple[str, ...]
) -> Pair:
    return Pair(
        id=f"{figure.id}{panel}",
        book=book.id,
        page=figure.page,
        figure=figure.id,
        panel=panel,
        box=figure.box,
        file=figure.file,
        number=bond.caption.label.number,
        caption=text,
        caption_page=bond.caption.page,
        confidence=round(confidence, 3),
        reasons=(*bond.reasons, *reasons),
    )


def _said(parts: SubCaptions, letter: str) -> str:
    return " ".join(part for part in (parts.shared, parts.parts[letter]) if part)


def _in_order(figures: Sequence[Figure]) -> list[Figure]:
    """Rows from top to bottom, each from left to right."""
    rows: list[list[Figure]] = []
    for figure in sorted(figures, key=lambda one: one.box.y0):
        if rows and figure.box.y0 < (rows[-1][0].box.y0 + rows[-1][0].box.y1) / 2:
            rows[-1].append(figure)
        else:
            rows.append([figure])
    return [figure for row in rows for figure in sorted(row, key=lambda one: one.box.x0)]


def _lettered(figures: Sequence[Figure], lines: Sequence[Line]) -> dict[str, str]:
    """Letters that stand in or next to each figure; empty where not each has one of its own."""
    found: dict[str, str] = {}
    for line in lines:
        mark = _LETTER.match(line.text)
        if mark:
            near = min(figures, key=lambda one: (distance(one.box, line.box), -inside(line.box, one.box)))
            if distance(near.box, line.box) <= _NEAR:
                found.setdefault(near.id, mark.group(1).lower())
    return found if len(found) == len(figures) == len(set(found.values())) else {}


def _under_panels(figures: Sequence[Figure], lines: Sequence[Line], bond: Bond) -> SubCaptions | None:
    """Each panel with a line of its own below it, "(a) Macule": what the common caption says comes first."""
    parts: dict[str, str] = {}
    for figure in figures:
        for line in lines:
            mark = _OWN.match(line.text)
            below = (
                -6 <= line.box.y0 - figure.box.y1 <= _NEAR
                and across(line.box, figure.box) > 0.5 * line.box.width
            )
            if mark and below and line not in bond.caption.lines:
                parts.setdefault((mark.group(1) or mark.group(2)).lower(), line.text[mark.end() :].strip())
    return SubCaptions(bond.caption.text, parts) if len(parts) == len(figures) > 1 else None

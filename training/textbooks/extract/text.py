"""From characters to lines within one column."""

import ctypes
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from training.textbooks.extract.objects import hidden_texts
from training.textbooks.extract.reading import Reading
from training.textbooks.geometry import across, along, union
from training.textbooks.records import Box, Line

_SPLIT = 1.5  # sizes of white between two characters that part columns; justified words stay below 1
_LIGATURES = str.maketrans(
    {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "\xa0": " ", "\x02": "-"}
)
_BOLD = re.compile(r"bold|black|heavy|demi|\bCMBX|^CMBX", re.IGNORECASE)
_ITALIC = re.compile(r"ital|obli|^CMTI|slant", re.IGNORECASE)
_BOLD_WEIGHT = 600


class Character(NamedTuple):
    """One character as the PDF places it: box in user space, size in points."""

    text: str
    box: tuple[float, float, float, float]
    size: float
    angle: float
    font: str
    weight: int


def characters(page: pdfium.PdfPage) -> list[Character]:
    """All characters of the page that can be seen, in the order of the file."""
    hidden = hidden_texts(page)
    textpage = page.get_textpage()
    try:
        return list(_characters(textpage, hidden))
    finally:
        textpage.close()


def _characters(textpage: pdfium.PdfTextPage, hidden: set[int]) -> Iterator[Character]:
    rect, name, flags = pdfium_c.FS_RECTF(), ctypes.create_string_buffer(128), ctypes.c_int()
    for index in range(pdfium_c.FPDFText_CountChars(textpage)):
        code = pdfium_c.FPDFText_GetUnicode(textpage, index)
        if code in (0, 0xFFFE, 0xFFFF) or 0xD800 <= code <= 0xDFFF:
            continue
        if hidden and _belongs(textpage, index, hidden):
            continue
        pdfium_c.FPDFText_GetLooseCharBox(textpage, index, rect)
        size = pdfium_c.FPDFText_GetFontInfo(textpage, index, name, 128, flags)
        yield Character(
            text=chr(code).translate(_LIGATURES),
            box=(rect.left, rect.bottom, rect.right, rect.top),
            size=pdfium_c.FPDFText_GetFontSize(textpage, index),
            angle=pdfium_c.FPDFText_GetCharAngle(textpage, index),
            font=name.raw[: max(0, size - 1)].decode("utf-8", "replace") if size else "",
            weight=pdfium_c.FPDFText_GetFontWeight(textpage, index),
        )


def _belongs(textpage: pdfium.PdfTextPage, index: int, hidden: set[int]) -> bool:
    handle = pdfium_c.FPDFText_GetTextObject(textpage, index)
    return bool(handle) and ctypes.addressof(handle.contents) in hidden


def lines_of(chars: list[Character], reading: Reading) -> list[Line]:
    """The page's lines, top to bottom, then left to right."""
    pieces = [line for run in _runs(chars, reading) if (line := _line(run))]
    return sorted(rejoined(pieces), key=lambda line: (line.box.y0, line.box.x0))


_Edges = tuple[float, float, float, float]
_Placed = tuple[Character, _Edges]


def _runs(chars: list[Character], reading: Reading) -> Iterator[list[_Placed]]:
    """Characters that follow each other on one line, without a gap as wide as a gutter."""
    run: list[_Placed] = []
    last: _Edges | None = None
    for char in chars:
        if char.text in "\r\n":
            last = None
            continue
        edges = reading.edges(*char.box)
        if char.text.isspace():
            if run:
                run.append((char, edges))
            continue
        if run and (last is None or _breaks(last, edges)):
            yield run
            run = []
        run.append((char, edges))
        last = edges
    if run:
        yield run


def _breaks(last: _Edges, now: _Edges) -> bool:
    high = max(min(last[3] - last[1], now[3] - now[1]), 1.0)
    overlap = min(last[3], now[3]) - max(last[1], now[1])
    return overlap < 0.4 * high or now[0] - last[2] > _SPLIT * high or now[0] < last[0] - high


def _line(run: list[_Placed]) -> Line | None:
    text = re.sub(r"\s+", " ", "".join(char.text for char, _ in run)).strip()
    seen = [(char, edges) for char, edges in run if not char.text.isspace() and edges[2] > edges[0]]
    if not text or not seen:
        return None
    heights = sorted(edges[3] - edges[1] for _, edges in seen)
    bold = sum(_is_bold(char.font) or char.weight >= _BOLD_WEIGHT for char, _ in seen)
    italic = sum(_is_italic(char.font) for char, _ in seen)
    left, top, right, bottom = zip(*(edges for _, edges in seen), strict=True)
    return Line(
        text=text,
        box=Box(
            x0=round(min(left), 2), y0=round(min(top), 2), x1=round(max(right), 2), y1=round(max(bottom), 2)
        ),
        size=round(heights[len(heights) // 2] / 1.15, 1),
        bold=bold > len(seen) / 2,
        italic=italic > len(seen) / 2,
    )


@cache
def _is_bold(font: str) -> bool:
    return bool(_BOLD.search(font))


@cache
def _is_italic(font: str) -> bool:
    return bool(_ITALIC.search(font))


def rejoined(pieces: list[Line]) -> list[Line]:
    """Pieces of one printed line that the file writes apart, such as a bold label and its text."""
    joined: list[Line] = []
    for piece in sorted(pieces, key=lambda line: (round(line.box.y1 / 3), line.box.x0)):
        if joined and _same_line(joined[-1], piece):
            joined[-1] = _joined(joined[-1], piece)
        else:
            joined.append(piece)
    return joined


def _same_line(one: Line, other: Line) -> bool:
    high = min(one.box.height, other.box.height)
    gap = -across(one.box, other.box)
    return (
        along(one.box, other.box) > 0.7 * high
        and -0.2 * high <= gap < 0.6 * high
        and other.box.x0 > one.box.x0
    )


def _joined(one: Line, other: Line) -> Line:
    long = one if len(one.text) >= len(other.text) else other
    return long.model_copy(update={"text": f"{one.text} {other.text}", "box": union((one.box, other.box))})


def one_size(lines: list[Line]) -> list[Line]:
    """OCR measures letters, not type: sizes near the page's usual one are the usual one."""
    usual = sorted(line.size for line in lines)[len(lines) // 2] if lines else 0.0
    return [
        line.model_copy(update={"size": usual}) if 0.6 * usual < line.size < 1.5 * usual else line
        for line in lines
    ]

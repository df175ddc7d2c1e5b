"""Finds the captions of a page: blocks that begin with a label and do not run on from a paragraph."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.textbooks.align.labels import Label, is_continued, is_listed, label_of
from training.textbooks.geometry import across, union
from training.textbooks.records import Box, Line, Page

_LIST_LEAST = 4  # labels on a page without figures to them: a list or an index
_FIRM, _LOOSE = 1.25, 1.5  # times the leading so far; OCR's boxes end at letters, not at lines
_ENDS = re.compile(r"[.!?:;)\]”\"']\s*$")


@dataclass(frozen=True)
class Caption:
    """A caption as printed."""

    page: int
    box: Box
    label: Label
    lines: tuple[Line, ...]
    apart: bool
    """Whether its type differs from the body's: smaller, bold or italic."""

    @property
    def text(self) -> str:
        """Lines joined; a word parted at the line's end stays parted, cleaning knows more."""
        return "\n".join(line.text for line in self.lines)


def captions_of(page: Page, lines: Sequence[Line], body_size: float) -> list[Caption]:
    """The page's captions in reading order. `lines` are the page's without running heads."""
    starts = [index for index, line in enumerate(lines) if label_of(line.text)]
    figures = sum(not figure.dropped for figure in page.figures)
    listed = sum(is_listed(_entry(lines, index)) for index in starts)
    if listed >= _LIST_LEAST and listed > 2 * figures and listed > 0.5 * len(starts):
        return []
    return [caption for index in starts if (caption := _caption(page, lines, index, body_size))]


def _caption(page: Page, lines: Sequence[Line], start: int, body_size: float) -> Caption | None:
    first = lines[start]
    label = label_of(first.text)
    if label is None or is_continued(label) or re.search(r"(?:\.\s?){5,}", first.text):
        return None
    block = [first, *_following(lines, start, _LOOSE if page.ocr else _FIRM)]
    text = " ".join(line.text for line in block)
    whole = label_of(text) or label
    if whole.speaks or _runs_on(lines, start) or (not whole.rest and not whole.stop):
        return None
    if not whole.stop and whole.rest[:1].islower() and not _set_apart(first, body_size):
        return None
    return Caption(
        page=page.number,
        box=union(line.box for line in block),
        label=whole,
        lines=tuple(block),
        apart=_set_apart(first, body_size),
    )


def _following(lines: Sequence[Line], start: int, slack: float) -> Iterator[Line]:
    """The lines that go on under the first: same column, same type, no wider leading than before."""
    last, first, leading = lines[start], lines[start], None
    for line in lines[start + 1 :]:
        if across(last.box, line.box) < 0.3 * min(last.box.width, line.box.width):
            continue
        step = line.box.y1 - last.box.y1
        if step < 0.4 * last.size:
            continue
        widest = 1.75 * max(first.size, line.size) if leading is None else max(leading * slack, leading + 1.5)
        if step > widest or _other_type(first, line, leading is None) or label_of(line.text):
            return
        ended = leading is None and _ENDS.search(last.text) and _short(last, line)
        if ended and (step > 1.45 * first.size or line.box.x0 < last.box.x0 - 2):
            return
        if abs(line.box.x0 - first.box.x0) > 60 and not _centred(first, line):
            return
        yield line
        leading, last = step, line


def _other_type(first: Line, line: Line, second: bool) -> bool:
    return abs(first.size - line.size) > 0.09 * first.size + 0.3 or (
        not second and first.italic != line.italic
    )


def _short(last: Line, line: Line) -> bool:
    return last.box.x1 < line.box.x1 - 3 * last.size


def _centred(one: Line, other: Line) -> bool:
    return abs((one.box.x0 + one.box.x1) - (other.box.x0 + other.box.x1)) < 12


def _runs_on(lines: Sequence[Line], start: int) -> bool:
    """Whether the line before it in the column belongs to the same paragraph: then it is body text."""
    first = lines[start]
    above = [
        line
        for line in lines[:start]
        if across(line.box, first.box) > 0.3 * min(line.box.width, first.box.width)
        and line.box.y1 < first.box.y1
    ]
    if not above:
        return False
    last = max(above, key=lambda line: line.box.y1)
    near = first.box.y1 - last.box.y1 < 1.6 * first.size and abs(last.size - first.size) <= 0.3
    same = last.bold == first.bold and last.italic == first.italic
    full = last.box.x1 > first.box.x1 - 4 * first.size and abs(last.box.x0 - first.box.x0) < 2 * first.size
    return near and same and full and not (_ENDS.search(last.text) and _short(last, first))


def _set_apart(line: Line, body_size: float) -> bool:
    return line.bold or line.italic or line.size < body_size - 0.6


def _entry(lines: Sequence[Line], start: int) -> str:
    """The line with what stands right of it: page numbers of a list are often set apart."""
    first = lines[start]
    beside = [
        line.text
        for line in lines
        if line is not first and abs(line.box.y1 - first.box.y1) < 2 and line.box.x0 > first.box.x1
    ]
    return "  ".join([first.text, *beside])

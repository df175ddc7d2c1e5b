"""Sub-captions: "(a) ... (b) ..." and "A, ... B, ..." within a caption, and what all panels share."""

import re
from dataclasses import dataclass

_ROUND = re.compile(r"\(\s?([a-hA-H])(?:\s?(?:[-–,&]|and)\s?([a-hA-H]))?\s?\)\s?:?")
_PLAIN = re.compile(r"(?:(?<=^)|(?<=[.;:]\s)|(?<=\n))([A-Ha-h])\s?(?:[.,:)]|\s[-–])\s")
_ANY = re.compile(r"\(?\b(\w)\)(?=\s)")
_HALF = re.compile(r"(?:(?<=^)|(?<=[\s]))([a-hA-H])\)\s")


@dataclass(frozen=True)
class SubCaptions:
    """`shared` is said of all panels; `parts` of each letter, lower case."""

    shared: str
    parts: dict[str, str]


def subcaptions_of(text: str) -> SubCaptions | None:
    """The sub-captions, where letters begin with a and go on without a gap; else nothing."""
    for pattern in (_ROUND, _HALF, _PLAIN):
        found = _read(text, list(pattern.finditer(text)))
        if found:
            return found
    return None


def misread_subcaptions(text: str, count: int) -> SubCaptions | None:
    """For `count` panels: marks that OCR misread, "(A)" for "(d)", take their turn if most are right."""
    marks = list(_ANY.finditer(text))
    letters = [chr(ord("a") + index) for index in range(count)]
    right = sum(mark.group(1).lower() == letter for mark, letter in zip(marks, letters, strict=False))
    if len(marks) != count or 2 * right < count:
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    parts = {
        letter: text[mark.end() : end].strip(" ;,\n")
        for letter, mark, end in zip(letters, marks, ends, strict=True)
    }
    return SubCaptions(text[: marks[0].start()].strip(), parts)


def _read(text: str, marks: list[re.Match[str]]) -> SubCaptions | None:
    parts: dict[str, str] = {}
    taken: list[tuple[re.Match[str], list[str]]] = []
    for mark in marks:
        letters = _letters(mark)
        if letters and ord(letters[0]) == ord("a") + sum(len(have) for _, have in taken):
            taken.append((mark, letters))
    if sum(len(letters) for _, letters in taken) < 2 or _trailing(text, taken):
        return None
    ends = [mark.start() for mark, _ in taken[1:]] + [len(text)]
    for (mark, letters), end in zip(taken, ends, strict=True):
        for letter in letters:
            parts[letter] = text[mark.end() : end].strip(" ;,\n")
    return SubCaptions(text[: taken[0][0].start()].strip(), parts)


def _letters(mark: re.Match[str]) -> list[str]:
    first = mark.group(1).lower()
    last = (mark.group(2) or first).lower() if mark.re.groups > 1 else first
    return [chr(code) for code in range(ord(first), ord(last) + 1)]


def _trailing(text: str, taken: list[tuple[re.Match[str], list[str]]]) -> bool:
    """Letters that follow their words, "macule (a) and papule (b).": the parts stand before them."""
    last = taken[-1][0]
    return not re.search(r"\w", text[last.end() :])

"""The list of diagnoses, and where a text names them. Knows nothing of negation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

LABELS = Path(__file__).with_name("labels.yaml")
_PLURALS = (("osis", "oses"), ("itis", "itides"), ("oma", "omas"), ("us", "i"), ("y", "ies"))

# Colour and tumour, not four and hour.
_OUR = re.compile(r"(?<=[a-z][a-z])our(?=s?\b|ed\b|ing\b|less\b|able\b)")


@dataclass(frozen=True)
class Label:
    """A diagnosis: its name, the wider label's name (or empty), other names, abbreviations.

    `alone`: it counts only where the text names no other, such as healthy skin.
    """

    name: str
    within: str = ""
    also: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True)
class Mention:
    """A label named in a folded text, from `start` to `end`."""

    label: str
    start: int
    end: int


@cache
def labels() -> dict[str, Label]:
    """All labels by name, in the order of the file."""
    written: dict[str, dict[str, Any]] = yaml.safe_load(LABELS.read_text(encoding="utf-8"))["labels"]
    return {
        name: Label(
            name,
            said.get("within", ""),
            tuple(said.get("also", ())),
            tuple(said.get("short", ())),
            said.get("alone", False),
        )
        for name, said in written.items()
    }


@lru_cache(maxsize=1024)
def folded(text: str) -> str:
    """Lower case, one spelling (ae and oe as e, our as or), hyphens as spaces, abbreviations written out."""
    text = _short().sub(lambda found: _shorts()[found.group()], text)
    text = text.lower().replace("’", "'")
    for british, plain in (("ae", "e"), ("oe", "e"), ("æ", "e"), ("œ", "e"), ("-", " ")):
        text = text.replace(british, plain)
    return re.sub(r" +", " ", _OUR.sub("or", text))


@lru_cache(maxsize=1024)
def mentions(text: str) -> tuple[Mention, ...]:
    """Where a folded text names labels, the longest name first at each place."""
    return tuple(Mention(_by_name()[found.group(1)], *found.span()) for found in _names().finditer(text))


def wider(label: str) -> tuple[str, ...]:
    """The label itself and all that it lies within, narrowest first."""
    above = labels()[label].within
    return (label, *wider(above)) if above else (label,)


def are_akin(one: str, other: str) -> bool:
    """True where one lies within the other, or both are the same."""
    return one in wider(other) or other in wider(one)


@cache
def _shorts() -> dict[str, str]:
    return {short: label.name for label in labels().values() for short in label.short}


@cache
def _short() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(_shorts(), key=len, reverse=True))})(?!\w)")


@cache
def _by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for label in labels().values():
        for name in (label.name, *label.also):
            for form in _forms(folded(name)):
                names.setdefault(form, label.name)
    return names


def _forms(name: str) -> Iterator[str]:
    yield name
    yield name + "s"
    for ending, plural in _PLURALS:
        if name.endswith(ending):
            yield name.removesuffix(ending) + plural


@cache
def _names() -> re.Pattern[str]:
    longest_first = sorted(_by_name(), key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![\w'])({'|'.join(map(re.escape, longest_first))})(?![\w])")

"""Words of a text, cut to their stems and joined with those that say the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from training.textbooks.clean.assertion import is_denied
from training.textbooks.clean.labels import folded

SYNONYMS = Path(__file__).with_name("synonyms.yaml")
_ENDINGS = (
    "ically", "ations", "ation", "ating", "ated", "ions", "ion", "ies", "ing", "ied", "ers", "er", "ous",
    "ed", "es", "ly", "al", "ic", "s", "e", "y",
)  # fmt: skip
# "H&E" is a word.
_WORD = r"[a-z](?:&[a-z])+|[a-zà-ÿ][a-zà-ÿ0-9]*"
_UNDONE = re.compile(r"un(\w{4,}ed)")
_INSIDE = re.compile(r"^(?:intra|sub|peri)(?=\w{6})")
SHORTEST_STEM = 4
# Two stems are forms of one word where they share so long a beginning, nearly all of the shorter one and half
# of the longer one.
SHARED_BEGINNING = 5
NEARLY_ALL, HALF = 0.8, 0.5


@dataclass(frozen=True)
class Word:
    """One word with a meaning of its own; `denied` where its text says that it is not so."""

    text: str
    stem: str
    denied: bool


@lru_cache(maxsize=256)
def meaningful(text: str) -> tuple[Word, ...]:
    """The words of a text but the silent ones and numbers."""
    return tuple(_words(text))


def _words(text: str) -> Iterator[Word]:
    plain = folded(text)
    for found in re.finditer(_WORD, plain):
        word = found.group()
        if len(word) > 1 and word not in _silent():
            denied = is_denied(plain, *found.span())
            undone = _UNDONE.fullmatch(word)
            yield Word(word, stem(undone.group(1)), not denied) if undone else Word(word, stem(word), denied)


@lru_cache(maxsize=256)
def every_stem(text: str) -> frozenset[str]:
    """Stems of all words, silent ones too."""
    return frozenset(stem(word) for word in re.findall(_WORD, folded(text)))


@cache
def stem(word: str) -> str:
    """The word less its ending, never shorter than four letters."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    return word[:-1] if re.search(r"([bdfgmnprt])\1$", word) and len(word) > SHORTEST_STEM else word


def say_the_same(one: str, other: str) -> bool:
    """True for two stems of one word, or of words in one line of the table."""
    if one == other or other in _same().get(one, ()):
        return True
    if _INSIDE.sub("", one) == _INSIDE.sub("", other):
        return True
    shared = _shared_beginning(one, other)
    shorter, longer = sorted((len(one), len(other)))
    return shared >= max(SHARED_BEGINNING, NEARLY_ALL * shorter, HALF * longer)


def _shared_beginning(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def are_opposite(one: str, other: str) -> bool:
    """True for two stems of which the one means that the other is not so, or a word that says the same."""
    opposite = _opposites()
    return any(
        second in opposite.get(first, ())
        for first in (one, *_same().get(one, ()))
        for second in (other, *_same().get(other, ()))
    )


@cache
def _opposites() -> dict[str, frozenset[str]]:
    opposite: dict[str, frozenset[str]] = {}
    for line in _read()["opposites"]:
        one, other = (stem(folded(word).split()[0]) for word in line)
        # Of "well-defined" and "ill-defined" the first parts differ.
        for here, there in ((one, other), (other, one)):
            opposite[here] = opposite.get(here, frozenset()) | {there}
    return opposite


@cache
def _read() -> dict[str, Any]:
    return dict(yaml.safe_load(SYNONYMS.read_text(encoding="utf-8")))


@cache
def _silent() -> frozenset[str]:
    words = [*_read()["silent"].split(), *_read()["evidence"]]
    return frozenset(part for word in words for part in folded(word).split())


@cache
def _same() -> dict[str, frozenset[str]]:
    same: dict[str, frozenset[str]] = {}
    for line in _read()["same"]:
        stems = frozenset(stem(part) for word in line for part in folded(word).split())
        for one in stems:
            same[one] = same.get(one, frozenset()) | stems
    return same

"""Sites, morphology, colours and next steps: what a text names of them, present or denied."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from training.textbooks.clean.assertion import is_denied
from training.textbooks.clean.labels import folded, mentions

VOCABULARY = Path(__file__).with_name("vocabulary.yaml")
Group = Literal["sites", "morphology", "colours", "next_steps"]


@dataclass(frozen=True)
class Term:
    """One entry: its name, the wider term's (or empty), and other words for it."""

    name: str
    within: str
    also: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """A term in a folded text; `denied` where the text says that it is not there."""

    term: str
    start: int
    end: int
    denied: bool


@cache
def terms(group: Group) -> dict[str, Term]:
    """The terms of a group by name, in the order of the file."""
    return {
        name: Term(name, said.get("within", ""), tuple(said.get("also", ())))
        for name, said in _written()[group].items()
    }


@cache
def _written() -> dict[str, dict[str, dict[str, Any]]]:
    return dict(yaml.safe_load(VOCABULARY.read_text(encoding="utf-8")))


@lru_cache(maxsize=1024)
def named(group: Group, text: str, *, in_diagnoses: bool = False) -> tuple[Named, ...]:
    """Where the text names terms of the group. A word inside a diagnosis' name ("plaque psoriasis") is none.

    `in_diagnoses`: such words count too.
    """
    plain = folded(text)
    taken = [] if in_diagnoses else [(label.start, label.end) for label in mentions(plain)]
    return tuple(
        Named(_by_word(group)[found.group(1)], *found.span(), is_denied(plain, *found.span()))
        for found in _pattern(group).finditer(plain)
        if not any(start <= found.start() < end for start, end in taken)
    )


def present(group: Group, text: str) -> tuple[str, ...]:
    """Names of the terms that the text says are there, in its order."""
    return tuple(dict.fromkeys(found.term for found in named(group, text) if not found.denied))


def absent(group: Group, text: str) -> tuple[str, ...]:
    """Names of the terms that the text only denies."""
    there = present(group, text)
    return tuple(
        dict.fromkeys(found.term for found in named(group, text) if found.denied and found.term not in there)
    )


def wider_terms(group: Group, name: str) -> tuple[str, ...]:
    """The term itself and all that it lies within, narrowest first."""
    above = terms(group)[name].within
    return (name, *wider_terms(group, above)) if above else (name,)


def groups() -> tuple[Group, ...]:
    """All groups."""
    return get_args(Group)


@cache
def _by_word(group: Group) -> dict[str, str]:
    words: dict[str, str] = {}
    for term in terms(group).values():
        for word in (term.name, *term.also):
            plain = folded(word)
            for form in (plain, plain + "s", plain + "es", re.sub("y$", "ies", plain)):
                words.setdefault(form, term.name)
    return words


@cache
def _pattern(group: Group) -> re.Pattern[str]:
    longest_first = sorted(_by_word(group), key=lambda word: (-len(word), word))
    return re.compile(rf"(?<![\w'])({'|'.join(map(re.escape, longest_first))})(?!\w)")

"""The phrases by which an explanation speaks of a patient, ready to be looked for.

Read from a versioned file beside this one; the prompt's own phrases come on top of it, because a model that
is asked in them answers in them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from triage.questions import QUESTIONS
from vlm.mpoxvlm.prompt import wording

VERSION = "statements-1"


@dataclass(frozen=True)
class Statements:
    """`paths`: the questions that each phrase may speak of. `cue` has the groups `denies` and `affirms`."""

    paths: dict[str, tuple[str, ...]]
    phrase: re.Pattern[str]
    cue: re.Pattern[str]
    behind: re.Pattern[str]
    clause_end: re.Pattern[str]
    no_patient: re.Pattern[str]
    no_red_flag: re.Pattern[str]
    words: dict[str, str]

    def rewritten(self, sentence: str) -> str:
        """The sentence with each word that denies in itself taken apart."""
        for word, meant in self.words.items():
            sentence = re.sub(rf"\b{re.escape(word)}\b", meant, sentence)
        return sentence


@cache
def statements(version: str = VERSION) -> Statements:
    """The phrases of one version. Raises FileNotFoundError for a version that is not there."""
    told: dict[str, Any] = yaml.safe_load((Path(__file__).parent / f"{version}.yaml").read_text())
    paths = _paths(told["questions"])
    denies, affirms = _any_of(told["denies"]), _any_of(told["affirms"])
    return Statements(
        paths=paths,
        phrase=re.compile(_any_of(paths)),
        cue=re.compile(f"(?P<denies>{denies})|(?P<affirms>{affirms})"),
        behind=re.compile(rf"\s*(?:is|are|was|were)?\s*(?:{_any_of(told['denied_behind'])})"),
        clause_end=re.compile(_any_of(told["clause_ends"])),
        no_patient=re.compile(_any_of(told["speaks_of_no_patient"])),
        no_red_flag=re.compile(_any_of(told["no_red_flag"])),
        words=told["rewritten"],
    )


def _paths(questions: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Phrases with their questions: those of the file and those of the prompt."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for path in QUESTIONS:
        section, _, name = path.partition(".")
        for phrase in (*questions[path], str(wording()[section][name])):
            found[phrase][path] = None
    return {phrase: tuple(paths) for phrase, paths in found.items()}


def _any_of(phrases: Iterable[str]) -> str:
    """An expression for any of these phrases as whole words, longest first, with any space between."""
    longest_first = sorted(phrases, key=len, reverse=True)
    return "|".join(
        (r"\b" if phrase[0].isalnum() else "")
        + r"\s+".join(re.escape(word) for word in phrase.split())
        + (r"\b" if phrase[-1].isalnum() else "")
        for phrase in longest_first
    )

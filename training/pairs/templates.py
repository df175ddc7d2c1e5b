"""The wordings of `templates.yaml`, chosen by hash."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from training.textbooks.questions.choosing import number_for
from triage.findings import Condition

TEMPLATES = Path(__file__).with_name("templates.yaml")
KINDS = ("diagnosis", "differential", "evidence", "description", "next_step")


@dataclass(frozen=True)
class Worded:
    """A question and its answer; `template` says which wordings they are: version, name, numbers from 1."""

    kind: str
    question: str
    answer: str
    template: str


def worded(name: str, key: str, values: dict[str, str], *, simulated: bool = False) -> Worded:
    """The wording of a template that `key` gets, with its values. `given` stands before the question."""
    template = written()["templates"][name]
    question = _number(len(template["questions"]), key, name, "question")
    answer = _number(len(template["answers"]), key, name, "answer")
    identity = f"{written()['version']}/{name}/q{question + 1}/a{answer + 1}"
    asked = template["questions"][question]
    if values["given"]:
        contexts = written()["simulated_contexts" if simulated else "contexts"]
        context = _number(len(contexts), key, name, "context")
        identity += f"/{'s' if simulated else 'c'}{context + 1}"
        asked = f"{contexts[context].format_map(values)} {asked}"
    said = template["answers"][answer].format_map(values)
    return Worded(template["kind"], asked, said[:1].upper() + said[1:], identity)


def lookalikes(condition: Condition) -> tuple[Condition, ...]:
    """Conditions among the ten that must be told apart from this one, the nearest first."""
    return tuple(written()["lookalikes"][condition])


def statement(column: str, *, answered: bool) -> str:
    """A column's yes or no in words."""
    return str(written()["statements"][column][0 if answered else 1])


def _number(count: int, *what_for: str) -> int:
    return number_for(*what_for) % count


@cache
def written() -> dict[str, Any]:
    """The whole file."""
    return dict(yaml.safe_load(TEMPLATES.read_text(encoding="utf-8")))

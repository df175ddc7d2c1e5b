"""The wording of questions and answers, from `templates.yaml`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from training.textbooks.questions.choosing import chosen
from training.textbooks.records import Modality, Subset

TEMPLATES = Path(__file__).with_name("templates.yaml")


@dataclass(frozen=True)
class Template:
    """The wordings of one kind."""

    kind: str
    subset: Subset
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    yes_no: bool

    def question(self, key: str, value: str = "") -> str:
        """The wording that `key` gets."""
        return chosen(self.questions, key, self.kind, "question").replace("{value}", value)

    def answer(self, key: str, value: str) -> str:
        """The wording that `key` gets, beginning with a capital."""
        said = chosen(self.answers, key, self.kind, "answer").replace("{value}", value)
        return said[:1].upper() + said[1:]


@cache
def templates() -> dict[str, Template]:
    """All kinds by name."""
    return {
        kind: Template(
            kind,
            said["subset"],
            tuple(said["questions"]),
            tuple(said.get("answers", ())),
            said.get("yes_no", False),
        )
        for kind, said in _read()["kinds"].items()
    }


def modality_name(modality: Modality) -> str:
    """How a question calls it."""
    return str(_read()["modalities"][modality])


@cache
def _read() -> dict[str, Any]:
    return dict(yaml.safe_load(TEMPLATES.read_text(encoding="utf-8")))

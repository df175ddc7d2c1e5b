"""The instruction for models not trained on fixed words of ours: a question, and how the answer begins.

A chat has two turns. The user's holds the photograph and `question`. The assistant's begins with `lead`, goes
on with one of `answers`, which are scored and not generated, then with `after_answer`, and the model writes
the rest. The words stand in a versioned file of `vlm/prompts/`. Knows no chat template and no token.
"""

from functools import cache
from pathlib import Path
from string import Template

import yaml

from triage.clinical import Clinical
from triage.findings import CONDITION_NAMES, CONDITIONS
from vlm.mpoxvlm.prompt import fact_phrases, listed, patient_phrases, red_flag_phrases, wording

FOLDER = Path(__file__).parent.parent / "prompts"
VERSION = "instruction-1"


def question(clinical: Clinical, version: str = VERSION) -> str:
    """The user's turn: red flags, patient, facts, the ten names, and what to answer.

    States answers of yes and given attributes only; free text, region, language and reference never enter, so
    that no text of a patient can instruct the model.
    """
    instruction = _instruction(version)
    words = wording(instruction["facts_in_words_of"])
    return Template(instruction["question"]).substitute(
        red_flags=listed(red_flag_phrases(clinical, words), words),
        patient=patient_phrases(clinical, words),
        facts=listed(fact_phrases(clinical, words), words),
        names=", ".join(CONDITION_NAMES[condition] for condition in CONDITIONS),
    )


def lead(version: str = VERSION) -> str:
    """How the assistant's turn begins."""
    return _instruction(version)["lead"]


def answers() -> list[str]:
    """Each condition as it follows the lead, in `CONDITIONS` order."""
    return [f" {CONDITION_NAMES[condition]}" for condition in CONDITIONS]


def after_answer(version: str = VERSION) -> str:
    """What stands between an answer and the explanation."""
    return _instruction(version)["after_answer"]


@cache
def _instruction(version: str) -> dict[str, str]:
    """The words of one version. Raises FileNotFoundError for a version that is not there."""
    return dict(yaml.safe_load((FOLDER / f"{version}.yaml").read_text()))

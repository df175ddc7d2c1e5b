"""Do explanations name the finding they were scored with, and state only facts that were given?"""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from tqdm import tqdm

from evaluation.explanations.cases import random_clinical
from evaluation.explanations.drawing import drawn_photograph
from evaluation.explanations.sentences import names_every_red_flag, names_finding, states_only_given_facts
from evaluation.intervals import Figure, with_interval
from evaluation.row_file import RowFile
from evaluation.triage_set.photographs import Photograph
from triage.clinical import Clinical
from triage.findings import CONDITION_NAMES, Findings
from vlm.model import Model
from vlm.presentation import Presentation

PROMISES = ("named_finding", "facts_only_given", "every_red_flag")
AT_ONCE = 8


def explanation_figures(
    model: Model, cases: int, seed: int, photographs: Sequence[Photograph], file: Path
) -> dict[str, Figure]:
    """Share of cases that keep each promise; every case and its text are kept in `file`, as it goes on.

    The same number of the same seed is the same case. Without photographs, drawn ones are shown. Clinical
    information is drawn by chance.
    """
    rows = RowFile(file, cases)
    missing = list(rows.missing())
    with tqdm(total=cases, initial=rows.done, desc="explanations", unit="") as bar:
        for start in range(0, len(missing), AT_ONCE):
            numbers = missing[start : start + AT_ONCE]
            shown = [_case(number, seed, photographs) for number in numbers]
            found = model.assess(shown)
            checked = [_checked(*pair) for pair in zip(found, (case.clinical for case in shown), strict=True)]
            rows.append(zip(numbers, checked, strict=True))
            bar.update(len(numbers))
    rows.finish()
    kept = list(rows.rows())
    return {promise: _share(np.array([row[promise] for row in kept])) for promise in PROMISES}


def _case(number: int, seed: int, photographs: Sequence[Photograph]) -> Presentation:
    chance = Random(f"{seed} {number}")  # noqa: S311 - the same case each time, not a secret
    image = chance.choice(photographs).opened() if photographs else drawn_photograph(chance)
    return Presentation((image,), random_clinical(chance))


def _checked(findings: Findings, clinical: Clinical) -> dict[str, Any]:
    text, name = findings.explanation, CONDITION_NAMES[findings.top.condition]
    return {
        "scored": name,
        "explanation": text,
        "named_finding": names_finding(text, name),
        "facts_only_given": states_only_given_facts(text, clinical),
        "every_red_flag": names_every_red_flag(text, clinical),
    }


def _share(kept: np.ndarray[Any, np.dtype[np.bool_]]) -> Figure:
    """Each case is a group of its own."""
    return with_interval(lambda drawn: float(kept[drawn].mean()), [str(n) for n in range(len(kept))])

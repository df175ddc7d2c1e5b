"""Levels that triage gives against the levels that the case ought to have."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from evaluation.triage_set.errors import EvaluationError
from evaluation.triage_set.figures import share
from evaluation.triage_set.labels import EITHER
from evaluation.triage_set.photographs import Photograph
from evaluation.triage_set.readings import Readings
from triage.decide import decide
from triage.decision import RANK, Level
from triage.findings import Findings
from triage.policy import Policy

COLUMN = "reference_level"


def levels(readings: Readings, policy: Policy) -> dict[str, Any]:
    """Counts (reference in rows, given level in columns) and shares of equal, too low and too high levels.

    A case's reference is its column `reference_level`; without one, the level of `policy` for a model that is
    sure of the true condition, together with the clinical information. A photograph that is undecided between
    two conditions has no reference and is left out.
    """
    photographs = readings.photographs
    wanted = [_reference(photograph, policy) for photograph in photographs]
    rows = np.array([number for number, level in enumerate(wanted) if level], dtype=np.int64)
    given = [
        decide(findings, photograph.clinical, policy).level
        for findings, photograph in zip(readings.findings, photographs, strict=True)
    ]
    names = [level for level in RANK if level in {*given, *wanted}]
    places = np.array(
        [(RANK[level or "routine"], RANK[own]) for level, own in zip(wanted, given, strict=True)]
    )
    same = np.array([level == own for level, own in zip(wanted, given, strict=True)])
    figures = {
        "same": same,
        "less_urgent": places[:, 1] > places[:, 0],
        "more_urgent": places[:, 1] < places[:, 0],
    }
    return {
        "reference": f"column {COLUMN}, else the policy's level for the true condition",
        "policy": policy.label,
        "levels": names,
        "confusion": _counts([(wanted[row], given[row]) for row in rows], names),
        **{name: share(holds, rows, readings.groups) for name, holds in figures.items()},
    }


def _reference(photograph: Photograph, policy: Policy) -> Level | None:
    said = (photograph.columns.get(COLUMN) or "").strip().lower()
    if said:
        if said not in get_args(Level):
            raise EvaluationError(
                f"{photograph.file}: {COLUMN} {said!r} is no level; use {', '.join(get_args(Level))}"
            )
        return said  # type: ignore[return-value]
    if photograph.label == EITHER:
        return None
    sure = Findings.model_validate({"findings": [{"condition": photograph.label, "probability": 1}]})
    return decide(sure, photograph.clinical, policy).level


def _counts(pairs: list[tuple[Level | None, Level]], names: Sequence[Level]) -> list[list[int]]:
    return [[pairs.count((row, column)) for column in names] for row in names]

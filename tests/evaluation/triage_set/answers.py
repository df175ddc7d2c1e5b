"""Answers by hand: a photograph of each label with the probabilities that a test wants."""

from pathlib import Path
from typing import Any

import numpy as np

from evaluation.triage_set.photographs import Photograph
from evaluation.triage_set.readings import Floats, OperatingPoint, Readings
from evaluation.triage_set.views import View
from triage.findings import CONDITIONS, Findings

LIGHT = 40.0


def probabilities(**said: float) -> list[float]:
    """Ten probabilities: those said, and the rest spread over what was not said."""
    rest = (1 - sum(said.values())) / max(1, len(CONDITIONS) - len(said))
    return [said.get(condition, rest) for condition in CONDITIONS]


def readings(
    *cases: tuple[str, dict[str, float]],
    groups: list[str] | None = None,
    columns: list[dict[str, str]] | None = None,
    ita: list[float] | None = None,
    threshold: float = 0.5,
    **views: Floats,
) -> Readings:
    """`cases` are pairs of the true label and the probabilities said."""
    photographs = [
        Photograph(
            f"{n}.png",
            Path(f"{n}.png"),
            label,
            groups[n] if groups else str(n),
            columns[n] if columns else {},
        )
        for n, (label, _) in enumerate(cases)
    ]
    plain = np.array([probabilities(**said) for _, said in cases])
    names: tuple[View, ...] = ("plain", "lighter", "darker", "image_only", "clinical_only")
    return Readings(
        photographs,
        {name: np.asarray(views.get(name, plain)) for name in names},
        np.array(ita or [LIGHT] * len(cases)),
        [as_findings(row) for row in plain],
        OperatingPoint(threshold, "the test"),
    )


def as_findings(row: Any) -> Findings:
    pairs = zip(CONDITIONS, row, strict=True)
    return Findings.model_validate({"findings": [{"condition": c, "probability": p} for c, p in pairs]})

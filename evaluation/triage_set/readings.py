"""What was answered to a set of photographs, as arrays: whoever answered, a model or a file of predictions.

N photographs, K conditions in the order of `triage.findings.CONDITIONS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Rows
from evaluation.triage_set.photographs import Photograph
from evaluation.triage_set.views import View
from triage.findings import CONDITIONS, Condition, Findings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class OperatingPoint:
    """The calibrated probability of mpox from which on the answer is yes, and where it was taken from."""

    threshold: float
    source: str


@dataclass(frozen=True)
class Readings:
    """Answers (N, K) by view; a row of nan where a view was not shown. `ita` in degrees, (N,).

    `findings` is what triage is told of each photograph as it is.
    """

    photographs: Sequence[Photograph]
    views: Mapping[View, Floats]
    ita: Floats
    findings: Sequence[Findings]
    operating_point: OperatingPoint

    @property
    def labels(self) -> NDArray[np.str_]:
        """True classes (N,)."""
        return np.array([photograph.label for photograph in self.photographs], dtype=np.str_)

    @property
    def groups(self) -> NDArray[np.str_]:
        """Groups (N,): photographs of one scene or patient."""
        return np.array([photograph.group for photograph in self.photographs], dtype=np.str_)

    def of(self, *labels: str) -> Rows:
        """Numbers of the photographs of these classes."""
        return np.flatnonzero(np.isin(self.labels, labels))

    def probability(self, condition: Condition, view: View = "plain") -> Floats:
        """Probability of one condition (N,)."""
        return self.views[view][:, CONDITIONS.index(condition)]

    def among(self, conditions: Sequence[Condition], view: View = "plain") -> Floats:
        """Probabilities of these conditions alone (N, len(conditions)), summing to 1."""
        chosen = self.views[view][:, [CONDITIONS.index(condition) for condition in conditions]]
        total = chosen.sum(axis=1, keepdims=True)
        equal = np.full_like(chosen, 1 / len(conditions))
        among: Floats = np.divide(chosen, total, out=equal, where=total > 0)
        return among

    def best_of(self, conditions: Sequence[Condition], view: View = "plain") -> NDArray[np.str_]:
        """The most probable of these conditions (N,)."""
        best: NDArray[np.str_] = np.asarray(conditions)[self.among(conditions, view).argmax(axis=1)]
        return best

    def says_mpox(self, view: View = "plain") -> Mask:
        """The answer yes or no at the operating point (N,)."""
        yes: Mask = self.probability("mpox", view) >= self.operating_point.threshold
        return yes

    def shown(self, view: View) -> Mask:
        """Whether each photograph was shown in this view (N,)."""
        return np.asarray(np.isfinite(self.views[view]).all(axis=1), dtype=np.bool_)

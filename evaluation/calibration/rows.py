"""Validation rows as arrays: what was answered, what is true, and what belongs together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Rows
from evaluation.triage_set.labels import EITHER
from triage.findings import CONDITIONS, Condition

Table = NDArray[np.float64]

# Undecided in the source: half of each. Such rows shape the scaling and count as no mpox; nothing else.
HALVES = ("chickenpox", "measles")


@dataclass(frozen=True)
class Validation:
    """N rows: log-probabilities (N, 10) in `CONDITIONS` order, class names (N,) and groups (N,)."""

    log_probabilities: Table
    classes: NDArray[np.str_]
    groups: NDArray[np.str_]

    @property
    def labels(self) -> Table:
        """Soft labels (N, 10), each row summing to 1."""
        return np.array([_label(name) for name in self.classes])

    @property
    def decided(self) -> Rows:
        """Numbers of the rows with one true condition."""
        return np.flatnonzero(self.classes != EITHER)

    def of(self, conditions: Sequence[Condition]) -> Rows:
        """Numbers of the rows whose truth is one of these."""
        return np.flatnonzero(np.isin(self.classes, conditions))


def _label(name: str) -> Table:
    members = HALVES if name == EITHER else (name,)
    return np.array([(condition in members) / len(members) for condition in CONDITIONS])

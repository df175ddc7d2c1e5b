"""Figures with their uncertainty: bootstrap over groups, for photographs of one scene are not independent."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval, and how many photographs and groups it rests on."""

    value: float
    low: float
    high: float
    photographs: int
    groups: int

    def as_dict(self) -> dict[str, float]:
        """Plain data, rounded to what the interval supports."""
        return {key: round(number, 4) for key, number in vars(self).items()}

    def __str__(self) -> str:
        return (
            f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] (n={self.photographs}, groups={self.groups})"
        )


def with_interval(
    measure: Callable[[NDArray[np.int64]], float], groups: NDArray[np.str_], seed: int, drawn: int
) -> Figure:
    """`measure` takes indices of photographs. Draws for which it is undefined (nan) are left out."""
    chance = np.random.default_rng(seed)
    names = np.unique(groups)
    members = [np.flatnonzero(groups == name) for name in names]
    draws = []
    for _ in range(drawn):
        picked = chance.integers(0, len(names), len(names))
        draws.append(measure(np.concatenate([members[i] for i in picked])))
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    every = np.arange(len(groups))
    return Figure(measure(every), float(low), float(high), len(groups), len(names))


def accuracy(truth: NDArray[np.int64], answer: NDArray[np.int64]) -> Callable[[NDArray[np.int64]], float]:
    """Share of right answers."""
    return lambda rows: float((truth[rows] == answer[rows]).mean())


def balanced_accuracy(
    truth: NDArray[np.int64], answer: NDArray[np.int64]
) -> Callable[[NDArray[np.int64]], float]:
    """Mean over the conditions that occur of their share of right answers."""

    def measure(rows: NDArray[np.int64]) -> float:
        right = truth[rows] == answer[rows]
        return float(
            np.mean([right[truth[rows] == condition].mean() for condition in np.unique(truth[rows])])
        )

    return measure


def auroc(is_case: NDArray[np.bool_], score: NDArray[np.float64]) -> Callable[[NDArray[np.int64]], float]:
    """Area under the ROC curve; nan where only one kind was drawn."""

    def measure(rows: NDArray[np.int64]) -> float:
        if is_case[rows].all() or not is_case[rows].any():
            return float("nan")
        return float(roc_auc_score(is_case[rows], score[rows]))

    return measure

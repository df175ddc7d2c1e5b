"""From which probability the model says yes: by a target of specificity, or by stated costs."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from vlm.calibrating.conformal import DIGITS

Probabilities = NDArray[np.float64]
Cases = NDArray[np.bool_]


@dataclass(frozen=True)
class Costs:
    """What a missed case costs beside a false alarm, and the share of cases to reckon with.

    `prevalence` None: as among the rows given.
    """

    miss: float
    false_alarm: float = 1.0
    prevalence: float | None = None


@dataclass(frozen=True)
class Rule:
    """How operating points are chosen: at a specificity, or where the costs are least."""

    specificity: float | None = None
    costs: Costs | None = None

    def __str__(self) -> str:
        if self.costs is None:
            return f"highest sensitivity at an expected specificity of at least {self.specificity:g}"
        costs = self.costs
        share = "as in the validation rows" if costs.prevalence is None else f"{costs.prevalence:g}"
        return f"least cost: a miss {costs.miss:g}, a false alarm {costs.false_alarm:g}, prevalence {share}"


def operating_point(
    probabilities: Probabilities,
    is_case: Cases,
    *,
    specificity: float | None = None,
    costs: Costs | None = None,
) -> float:
    """The probability from which the answer is yes, by exactly one of `specificity` and `costs`.

    With `specificity` it is the finite-sample quantile of those who are no case: a new one of their kind is
    expected to be left alone at least so often. Raises `ValueError` where cases or others are missing.
    """
    if (specificity is None) == (costs is None):
        raise ValueError("give either a specificity or costs")
    if is_case.all() or not is_case.any():
        raise ValueError("an operating point needs cases and others")
    others = np.sort(probabilities[~is_case])
    if specificity is not None:
        return _at_specificity(np.sort(probabilities), others, specificity)
    assert costs is not None  # noqa: S101 - checked above
    return _at_least_cost(probabilities, is_case, costs)


def _at_specificity(every: Probabilities, others: Probabilities, specificity: float) -> float:
    rank = ceil((len(others) + 1) * specificity - 1e-9)
    highest_left_alone = float(others[min(rank, len(others)) - 1])
    return _just_above(every, highest_left_alone)


def _at_least_cost(probabilities: Probabilities, is_case: Cases, costs: Costs) -> float:
    share = float(is_case.mean()) if costs.prevalence is None else costs.prevalence
    every = np.sort(probabilities)
    # No answer changes between two neighbours, so that one candidate each is enough; the lowest one says yes
    # to all. At equal cost the lower one stands: it misses fewer.
    candidates = np.array([0.0, *(_just_above(every, float(value)) for value in np.unique(every))])
    cases, others = np.sort(probabilities[is_case]), np.sort(probabilities[~is_case])
    missed = np.searchsorted(cases, candidates) / len(cases)
    alarmed = 1 - np.searchsorted(others, candidates) / len(others)
    cost = costs.miss * share * missed + costs.false_alarm * (1 - share) * alarmed
    return float(candidates[np.flatnonzero(cost <= cost.min() + 1e-12)[0]])


def _just_above(every: Probabilities, value: float) -> float:
    """Half-way from `value` to the next higher of `every` (to 1 behind the last), rounded within."""
    higher = every[every > value]
    middle = (value + (float(higher[0]) if len(higher) else 1.0)) / 2
    rounded = round(middle, DIGITS)
    return rounded if value < rounded <= (float(higher[0]) if len(higher) else 1.0) else middle

"""Does a confidence of 80 % mean right in 80 of 100? Bins of equal mass over the best of the four.

The confidence is the probability of the best of the four among the four (their sum is 1). Expected
calibration error after Naeini et al. 2015, with five bins, whose sizes differ by one at most.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Figure, Rows, with_interval
from evaluation.triage_set.labels import FOUR
from evaluation.triage_set.readings import Floats, Mask, Readings
from evaluation.triage_set.views import View

BINS = 5


@dataclass(frozen=True)
class Bin:
    """Mean confidence of a bin, the share of it that is right, and how many photographs it holds."""

    confidence: float
    right: float
    n: int


def calibration_error(readings: Readings, view: View = "plain") -> Figure:
    """Mean distance of confidence and share of right answers, weighted by the bins' sizes."""
    rows, confidence, right = _confidences(readings, view)

    def measure(drawn: Rows) -> float:
        return error_of(bins(confidence[drawn], right[drawn]))

    return with_interval(measure, readings.groups[rows])


def reliability_bins(readings: Readings, view: View = "plain") -> list[Bin]:
    """The bins behind the figure."""
    _, confidence, right = _confidences(readings, view)
    return bins(confidence, right)


def bins(confidence: Floats, right: Mask) -> list[Bin]:
    """Bins of equal mass by rising confidence; equals are put in one order, whatever the rows' order."""
    order = np.lexsort((right, confidence))
    parts: list[NDArray[np.int64]] = np.array_split(order, BINS)
    return [Bin(float(confidence[p].mean()), float(right[p].mean()), len(p)) for p in parts if len(p)]


def error_of(found: list[Bin]) -> float:
    """The expected calibration error of some bins, 0 to 1."""
    total = sum(each.n for each in found)
    return sum(each.n * abs(each.confidence - each.right) for each in found) / total


def _confidences(readings: Readings, view: View) -> tuple[Rows, Floats, Mask]:
    rows = readings.of(*FOUR)
    right = readings.best_of(FOUR, view)[rows] == readings.labels[rows]
    return rows, readings.among(FOUR, view)[rows].max(axis=1, initial=0.0), right

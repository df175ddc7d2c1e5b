"""Does a confidence of 80 % mean right in 80 of 100? Bins of equal mass by confidence, and their error.

Expected calibration error after Naeini et al. 2015, with bins whose sizes differ by one at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Bin:
    """Mean confidence of a bin, the share of it that is right, and how many rows it holds."""

    confidence: float
    right: float
    n: int


def bins(confidence: NDArray[np.float64], right: NDArray[np.bool_], count: int) -> list[Bin]:
    """At most `count` bins by rising confidence; equals are put in one order, whatever the rows' order."""
    order = np.lexsort((right, confidence))
    parts: list[NDArray[np.int64]] = np.array_split(order, count)
    return [Bin(float(confidence[p].mean()), float(right[p].mean()), len(p)) for p in parts if len(p)]


def error_of(found: Sequence[Bin]) -> float:
    """The expected calibration error of some bins, 0 to 1: their errors weighted by their rows."""
    total = sum(each.n for each in found)
    return sum(each.n * abs(each.confidence - each.right) for each in found) / total

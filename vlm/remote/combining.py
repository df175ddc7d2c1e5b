"""From the scores of photographs to the findings of a case. Plain numbers; K the ten conditions."""

import math
from collections.abc import Sequence

from triage.findings import CONDITIONS, Finding


def log_softmax(scores: Sequence[float]) -> list[float]:
    """Log-probabilities (K) of scores (K)."""
    highest = max(scores)
    total = highest + math.log(sum(math.exp(score - highest) for score in scores))
    return [score - total for score in scores]


def combined(readings: Sequence[Sequence[float]], gradable: Sequence[bool]) -> list[float]:
    """Log-probabilities (K) of a case: the geometric mean of its photographs' (N, K), normalised again.

    Photographs that cannot be graded do not count beside one that can.
    """
    counted = [reading for reading, good in zip(readings, gradable, strict=True) if good] or readings
    means = [sum(column) / len(counted) for column in zip(*counted, strict=True)]
    return log_softmax(means)


def probabilities(logs: Sequence[float]) -> list[float]:
    """Probabilities (K) that sum to one."""
    return [math.exp(log) for log in log_softmax(logs)]


def ordered(logs: Sequence[float]) -> tuple[Finding, ...]:
    """Findings by falling probability."""
    pairs = sorted(zip(probabilities(logs), CONDITIONS, strict=True), key=lambda pair: -pair[0])
    return tuple(Finding(condition=condition, probability=p) for p, condition in pairs)

"""Cohen's kappa from counts of pairs, with the interval of its large-sample variance.

Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46. Fleiss JL, Cohen J,
Everitt BS. Large sample standard errors of kappa and weighted kappa. Psychol Bull 1969;72:323-327.
"""

from collections import defaultdict
from collections.abc import Mapping
from math import sqrt

from review.figures.figure import MINIMUM, Figure, Z, untold

Pairs = Mapping[tuple[str, str], int]


def kappa(pairs: Pairs) -> Figure:
    """Agreement beyond chance; untold for few pairs, and where both always said the same one thing."""
    n = sum(pairs.values())
    if n < MINIMUM:
        return untold(n)
    rows, columns = _margins(pairs, n)
    observed = agreed(pairs) / n
    expected = sum(share * columns[name] for name, share in rows.items())
    if expected == 1:
        return untold(n)
    value = (observed - expected) / (1 - expected)
    half = Z * sqrt(max(0.0, _variance(pairs, n, value, expected)))
    return Figure(value, max(-1.0, value - half), min(1.0, value + half), n)


def agreed(pairs: Pairs) -> int:
    """How many pairs are of two alike."""
    return sum(count for (one, other), count in pairs.items() if one == other)


def _margins(pairs: Pairs, n: int) -> tuple[dict[str, float], dict[str, float]]:
    rows: dict[str, float] = defaultdict(float)
    columns: dict[str, float] = defaultdict(float)
    for (one, other), count in pairs.items():
        rows[one] += count / n
        columns[other] += count / n
    return rows, columns


def _variance(pairs: Pairs, n: int, value: float, expected: float) -> float:
    """Fleiss, Cohen and Everitt's equation 13 in the terms A + B - C."""
    rows, columns = _margins(pairs, n)
    on_diagonal = sum(
        count / n * (1 - (rows[one] + columns[one]) * (1 - value)) ** 2
        for (one, other), count in pairs.items()
        if one == other
    )
    off_diagonal = (1 - value) ** 2 * sum(
        count / n * (columns[one] + rows[other]) ** 2 for (one, other), count in pairs.items() if one != other
    )
    together = (value - expected * (1 - value)) ** 2
    return (on_diagonal + off_diagonal - together) / ((1 - expected) ** 2 * n)

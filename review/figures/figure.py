"""A figure as it may be shown: a value with its 95 % interval and the number it rests on."""

from math import sqrt
from typing import NamedTuple

# Below this number no rate is shown: it would say more of chance, and of single people, than of quality.
MINIMUM = 10
# The normal distribution's 97.5 % point: 95 % lie within.
Z = 1.959963984540054


class Figure(NamedTuple):
    """`value` within `low` to `high`; all None where `n` is too small or the figure is undefined.

    A rate or kappa has its 95 % interval; a time has its quartiles around the median, in seconds.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


def untold(n: int) -> Figure:
    """A figure of which only its number is told."""
    return Figure(None, None, None, n)


def rate(count: int, n: int) -> Figure:
    """A share with its score interval.

    Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc
    1927;22:209-212.
    """
    if n < MINIMUM:
        return untold(n)
    share = count / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return Figure(share, max(0.0, middle - half), min(1.0, middle + half), n)


def spread(quartiles: list[float] | None, n: int) -> Figure:
    """A median with its quartiles; `quartiles` is lower, median, upper."""
    if n < MINIMUM or quartiles is None:
        return untold(n)
    low, median, high = quartiles
    return Figure(median, low, high, n)

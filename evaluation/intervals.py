"""Figures with their uncertainty: 95 % intervals by bootstrap over groups.

Photographs of one scene or patient are not independent, so whole groups are drawn, never single photographs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Measure = Callable[[Rows], float]

DRAWS = 1000
SEED = 20240620


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval and the number of rows it rests on; nan where it is undefined."""

    value: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, float | int | None]:
        """`value`, `low`, `high`, `n`: plain data, rounded to four digits, None for what is undefined."""
        numbers = {name: getattr(self, name) for name in ("value", "low", "high")}
        rounded = {name: None if np.isnan(x) else round(float(x), 4) for name, x in numbers.items()}
        return {**rounded, "n": self.n}

    def __str__(self) -> str:
        if np.isnan(self.value):
            return f"undefined (n={self.n})"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] (n={self.n})"


def with_interval(
    measure: Measure, groups: Sequence[str] | NDArray[np.str_], *, draws: int = DRAWS, seed: int = SEED
) -> Figure:
    """`measure` of all rows, and of `draws` samples of whole groups drawn with replacement.

    `groups[i]` is the group of row i; `measure` takes row numbers, with repetitions, and may give nan, which
    is left out. The same rows give the same interval.
    """
    names, member_of = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    if not len(names):
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    # All rows by group, each group's first place among them, and its size.
    by_group, sizes = np.argsort(member_of, kind="stable"), np.bincount(member_of)
    first = np.cumsum(sizes) - sizes
    chance = np.random.default_rng(seed)
    drawn = np.array([measure(_sample(by_group, first, sizes, chance)) for _ in range(draws)])
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if np.isfinite(drawn).any() else (np.nan, np.nan)
    return Figure(measure(np.arange(len(groups))), float(low), float(high), len(groups))


def _sample(by_group: Rows, first: Rows, sizes: Rows, chance: np.random.Generator) -> Rows:
    """The rows of as many groups as there are, drawn with replacement: no loop, there may be many."""
    groups = chance.integers(0, len(sizes), len(sizes))
    drawn = sizes[groups]
    before = np.cumsum(drawn) - drawn
    rows: Rows = by_group[np.repeat(first[groups] - before, drawn) + np.arange(drawn.sum())]
    return rows

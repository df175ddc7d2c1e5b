"""From scores of rows to figures with intervals: overall and for each modality.

Means and BLEU follow from sums over rows, so whole groups are drawn by their sums, for all figures at once.
The draws are those of `evaluation.intervals.with_interval`, and so are the results.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import DRAWS, SEED, Figure
from evaluation.vqa.scoring import COUNTS, ORDERS, bleu_of

Numbers = NDArray[np.float64]
MEANS = (
    *(f"bleu_{order}" for order in range(1, ORDERS + 1)),
    "rouge_1", "rouge_2", "rouge_l", "meteor", "bert_precision", "bert_recall", "bert_f1",
    "token_recall", "exact_match", "yes_no", "words",
)  # fmt: skip
WIDTH = 2 * ORDERS + 2


@dataclass
class Tally:
    """Sums by group: of every score and how often it was there, and of BLEU's counts."""

    groups: dict[str, Numbers] = field(default_factory=dict)
    rows: int = 0
    of: set[str] = field(default_factory=set)

    def add(self, group: str, scores: dict[str, Any]) -> None:
        """Count one row in."""
        own = self.groups.setdefault(group, np.zeros(2 * len(MEANS) + WIDTH))
        for place, name in enumerate(MEANS):
            if scores.get(name) is not None:
                own[2 * place : 2 * place + 2] += (scores[name], 1)
                self.of.add(name)
        if COUNTS in scores:
            own[2 * len(MEANS) :] += scores[COUNTS]
            self.of.update(f"bleu_{order}" for order in range(1, ORDERS + 1))
        self.rows += 1

    def figures(self, draws: int = DRAWS, seed: int = SEED) -> dict[str, dict[str, Any]]:
        """Each figure as plain data, in the order of `MEANS`. `n`: the rows that it rests on."""
        names = [name for name in MEANS if name in self.of]
        sums = np.array([self.groups[group] for group in sorted(self.groups)])
        drawn = np.array([self._values(row, names) for row in _drawn(sums, draws, seed)])
        whole = sums.sum(0)
        return {
            name: _figure(value, drawn[:, place], self._resting_on(whole, name)).as_dict()
            for place, (name, value) in enumerate(zip(names, self._values(whole, names), strict=True))
        }

    def _values(self, sums: Numbers, names: Sequence[str]) -> list[float]:
        return [_value(sums, name) for name in names]

    def _resting_on(self, sums: Numbers, name: str) -> int:
        counted = int(sums[2 * MEANS.index(name) + 1])
        return counted or self.rows


def _value(sums: Numbers, name: str) -> float:
    total, count = sums[2 * MEANS.index(name) : 2 * MEANS.index(name) + 2]
    if count:
        return float(total / count)
    counts = sums[2 * len(MEANS) :]
    if name.startswith("bleu_") and counts.any():
        return bleu_of([int(number) for number in counts], int(name[-1]))
    return float("nan")


def _drawn(sums: Numbers, draws: int, seed: int) -> Iterator[Numbers]:
    """Sums of as many groups, drawn with replacement."""
    chance = np.random.default_rng(seed)
    for _ in range(draws):
        often = np.bincount(chance.integers(0, len(sums), len(sums)), minlength=len(sums))
        yield often @ sums


def _figure(value: float, drawn: Numbers, n: int) -> Figure:
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if np.isfinite(drawn).any() else (np.nan, np.nan)
    return Figure(value, float(low), float(high), n)

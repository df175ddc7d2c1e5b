"""Which row is trained on when, as a pure function of seed and count: nothing to save, nothing to lose.

The k-th draw of a run is the same row seen in the same random way, in whatever process and however often
the run was stopped in between.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from training.running.prepared import Examples, Item


class Draws(Dataset[Item]):
    """`count` draws, pass after pass over the examples; with `weights`, as often as they say instead."""

    def __init__(
        self, examples: Examples, count: int, seed: int, weights: NDArray[Any] | None = None
    ) -> None:
        self.examples, self.count, self.seed = examples, count, seed
        self.shares = None if weights is None else weights / weights.sum()
        self._order: tuple[int, NDArray[Any]] | None = None

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> Item:
        lap, place = divmod(number, len(self.examples))
        chance = np.random.default_rng([self.seed, 1, number])
        generator = torch.Generator().manual_seed(int(chance.integers(2**63)))
        return self.examples.draw(int(self._lap(lap)[place]), generator)

    def _lap(self, lap: int) -> NDArray[Any]:
        if self._order is None or self._order[0] != lap:
            chance, size = np.random.default_rng([self.seed, 0, lap]), len(self.examples)
            drawn = (
                chance.permutation(size) if self.shares is None else chance.choice(size, size, p=self.shares)
            )
            self._order = lap, drawn
        return self._order[1]


class Plain(Dataset[Item]):
    """Every example once, as it is."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, row: int) -> Item:
        return self.examples.draw(row, None)

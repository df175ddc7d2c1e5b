"""Near-duplicates among all books' pictures: near hashes, near colours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from training.textbooks.filter.phash import as_number, tones_differ

# Of 64 bits. Twice compressed or rescaled photographs differ in 0 to 6.
NEAR = 6
# Of 255. Hashes know no colours, and of an even surface they say nothing.
ALIKE = 12.0
# Hashes compared at once, at 8 bytes each.
AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Hashed:
    """A picture's name in all books, with its hash and its colours."""

    name: str
    phash: str
    tones: str


def duplicates(pictures: Sequence[Hashed]) -> dict[str, str]:
    """Each picture that repeats an earlier one, with the first that it repeats. Chains are followed."""
    first: dict[str, str] = {}
    for one, other in _near(pictures):
        root = first.get(one.name, one.name)
        first.setdefault(other.name, root)
    return first


def _near(pictures: Sequence[Hashed]) -> Iterator[tuple[Hashed, Hashed]]:
    """Pairs, the earlier picture first, in the order of the later one. Memory: a block at a time."""
    hashes = np.array([as_number(one.phash) for one in pictures], dtype=np.uint64)
    height = max(1, AT_ONCE // max(1, len(pictures)))
    for start in range(0, len(pictures), height):
        block = hashes[start : start + height]
        earlier = hashes[: start + height]
        for row, column in np.argwhere(np.bitwise_count(block[:, None] ^ earlier[None, :]) <= NEAR):
            later, before = pictures[start + row], pictures[column]
            if column < start + row and tones_differ(before.tones, later.tones) <= ALIKE:
                yield before, later

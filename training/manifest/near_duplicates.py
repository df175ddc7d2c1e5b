"""Finds photographs of one scene in different splits: re-saved, flipped, turned by quarters, or cropped.

A crop is found where it keeps at least 80 % of each side. First fingerprints of all crops of one are compared
with the whole other in 8 ways, both ways round; what correlates is laid exactly over the other and judged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.manifest.alignment import likeness
from training.manifest.fingerprints import boxes, crop_fingerprints, whole_fingerprints
from training.manifest.leaks import pair_line
from training.manifest.photograph import read_photograph, squeezed
from training.manifest.resampling import Matrix, turned
from training.manifest.rows import Row

# Measured on the photographs of MSID, MSLD and PAD-UFES-20, see docs/MODELS.md.
CANDIDATE = 0.65
SAME_SCENE = 0.6
SAME_COLOUR = 30.0
# So many of each photograph are judged: where all are alike, the time stays bounded.
MOST_ALIKE = 32
# So many wholes are compared at once: bounds the memory.
BLOCK = 1024
SIDE = 128

Thumbnails = Sequence[NDArray[np.float16]]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Candidate:
    """The crop `box` of one photograph may be the whole of another, laid by `symmetry`."""

    source: int
    whole: int
    symmetry: int
    box: Box
    correlation: float


def near_duplicates(rows: Sequence[Row], thumbnails: Thumbnails, *, progress: bool = False) -> list[str]:
    """One line a pair across splits, without those of the same bytes. Time grows as the splits' product."""
    found: dict[tuple[int, int], float] = {}
    candidates = _candidates(rows, thumbnails, progress=progress)
    for candidate in candidates:
        pair = (min(candidate.source, candidate.whole), max(candidate.source, candidate.whole))
        if pair in found or rows[pair[0]].sha256 == rows[pair[1]].sha256:
            continue
        score, colour = likeness(
            turned(_colours(rows[candidate.whole].path), candidate.symmetry),
            _colours(rows[candidate.source].path),
            candidate.box,
        )
        if score >= SAME_SCENE and colour <= SAME_COLOUR:
            found[pair] = score
    return [
        pair_line(rows[first], rows[second], f"near-duplicates (likeness {score:.2f})")
        for (first, second), score in sorted(found.items())
    ]


def _candidates(rows: Sequence[Row], thumbnails: Thumbnails, *, progress: bool) -> Iterator[_Candidate]:
    splits = list(dict.fromkeys(row.split for row in rows))
    if len(splits) < 2:
        return
    wholes = np.stack([whole_fingerprints(picture) for picture in thumbnails])
    others = {split: [n for n, row in enumerate(rows) if row.split != split] for split in splits}
    for source in tqdm(range(len(rows)), desc="searching near-duplicates", disable=not progress):
        crops = crop_fingerprints(thumbnails[source])
        elsewhere = others[rows[source].split]
        blocks = (elsewhere[start : start + BLOCK] for start in range(0, len(elsewhere), BLOCK))
        alike = (found for block in blocks for found in _alike(source, crops, block, wholes[block]))
        yield from nlargest(MOST_ALIKE, alike, key=lambda candidate: candidate.correlation)


def _alike(source: int, crops: Matrix, others: Sequence[int], wholes: Matrix) -> Iterator[_Candidate]:
    """wholes (others, 8, cells): the best crop of each symmetry that correlates."""
    table = crops @ wholes.reshape(-1, wholes.shape[-1]).T
    best = table.max(axis=0)
    for column in np.flatnonzero(best >= CANDIDATE):
        other, symmetry = divmod(int(column), wholes.shape[1])
        box = boxes()[int(table[:, column].argmax())]
        yield _Candidate(source, others[other], symmetry, box, float(best[column]))


@lru_cache(maxsize=512)
def _colours(path: Path) -> Matrix:
    image, _ = read_photograph(path)
    return np.asarray(squeezed(image, SIDE), dtype=np.float32)

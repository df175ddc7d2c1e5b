"""Perceptual fingerprints: the middle frequencies of a thumbnail, whole and of each crop on a grid.

Two fingerprints correlate (dot product) near 1 for the same scene, and little for others: contrast is evened
out first, so that not the one dark spot in the middle decides.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from training.manifest.photograph import SIDE
from training.manifest.resampling import Matrix, sampling, texture, turned, unit

CELLS = 14
STEP = 0.05
SMALLEST = 0.8
SYMMETRIES = range(8)
# Blurs in cells whose difference is kept; even contrast within pixels of the thumbnail.
FINE, COARSE, EVENED_WITHIN, FLOOR = 0.5, 1.6, 6.0, 2.0


@cache
def stretches() -> tuple[tuple[float, float], ...]:
    """All stretches of at least `SMALLEST` of a side, in steps; the whole side first."""
    count = round((1 - SMALLEST) / STEP)
    return tuple(
        (start * STEP, 1 - end * STEP) for start in range(count + 1) for end in range(count + 1 - start)
    )


@cache
def boxes() -> tuple[tuple[float, float, float, float], ...]:
    """The crops in the order of `crop_fingerprints`: top, bottom, left, right."""
    return tuple((*rows, *columns) for rows in stretches() for columns in stretches())


def crop_fingerprints(thumbnail: NDArray[np.float16]) -> Matrix:
    """(boxes, CELLS * CELLS): one of each crop."""
    fine, coarse = _matrices()
    return _fingerprints(_evened(thumbnail), fine, coarse)


def whole_fingerprints(thumbnail: NDArray[np.float16]) -> Matrix:
    """(8, CELLS * CELLS): of the whole picture, laid in each of the 8 ways."""
    fine, coarse = (matrix[:CELLS] for matrix in _matrices())
    even = _evened(thumbnail)
    return np.concatenate([_fingerprints(turned(even, symmetry), fine, coarse) for symmetry in SYMMETRIES])


def _evened(thumbnail: NDArray[np.float16]) -> Matrix:
    return texture(thumbnail.astype(np.float32), EVENED_WITHIN, FLOOR)


def _fingerprints(picture: Matrix, fine: Matrix, coarse: Matrix) -> Matrix:
    count = len(fine) // CELLS
    cells: Matrix = np.asarray(fine @ picture @ fine.T - coarse @ picture @ coarse.T, np.float32)
    apart = cells.reshape(count, CELLS, count, CELLS).transpose(0, 2, 1, 3)
    return unit(apart.reshape(count * count, CELLS * CELLS), axis=1)


@cache
def _matrices() -> tuple[Matrix, Matrix]:
    """For both blurs (stretches * CELLS, SIDE): sample twice as finely, blur, join two by two."""
    fine, coarse = (
        np.concatenate([_blurred_sampling(*stretch, sigma) for stretch in stretches()])
        for sigma in (FINE, COARSE)
    )
    return fine, coarse


def _blurred_sampling(start: float, end: float, sigma: float) -> Matrix:
    double = gaussian_filter1d(sampling(start, end, 2 * CELLS, SIDE), 2 * sigma, axis=0, mode="reflect")
    return np.asarray((double[0::2] + double[1::2]) / 2, dtype=np.float32)

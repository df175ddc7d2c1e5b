"""Crops and blurs of square pictures as matrices: `rows @ picture @ columns.T`.

Positions are shares of a side, 0 to 1. A box is (top, bottom, left, right).
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Matrix = NDArray[np.float32]
WHOLE = (0.0, 1.0, 0.0, 1.0)


def sampling(start: float, end: float, cells: int, side: int) -> Matrix:
    """(cells, side): the stretch from start to end of a line of `side` pixels as `cells` weighted means.

    Beyond the picture its last pixel goes on.
    """
    centres = np.clip((start + (end - start) * (np.arange(cells) + 0.5) / cells) * side - 0.5, 0, side - 1)
    reach = max(1.0, (end - start) * side / cells)
    weights = np.maximum(0, 1 - np.abs(centres[:, None] - np.arange(side)) / reach)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def cropped(picture: Matrix, box: Sequence[float] | NDArray[np.float64], cells: int) -> Matrix:
    """The box of a square picture as (cells, cells)."""
    top, bottom, left, right = box
    side = len(picture)
    return np.asarray(
        sampling(top, bottom, cells, side) @ picture @ sampling(left, right, cells, side).T, np.float32
    )


@cache
def blur(side: int, sigma: float) -> Matrix:
    """(side, side): a Gaussian of `sigma` pixels, the picture mirrored at its edge."""
    unit = np.eye(side, dtype=np.float32)
    return np.asarray(gaussian_filter1d(unit, sigma, axis=0, mode="reflect", truncate=3.0))


def blurred(picture: Matrix, sigma: float) -> Matrix:
    """The square picture, smoothed."""
    matrix = blur(len(picture), sigma)
    return np.asarray(matrix @ picture @ matrix.T, np.float32)


def texture(picture: Matrix, width: float, floor: float) -> Matrix:
    """The picture with its brightness and contrast evened out within about `width` pixels.

    `floor`: contrast in grey levels below which there is only noise of encoding.
    """
    rest = picture - blurred(picture, width)
    spread = np.sqrt(np.maximum(blurred(rest * rest, width), 0) + floor**2)
    return np.asarray(rest / spread, dtype=np.float32)


def turned(picture: Matrix, symmetry: int) -> Matrix:
    """One of the 8 ways to lay a square: turned by 0 to 3 quarters, from 4 on mirrored too."""
    quarter = np.rot90(picture, symmetry % 4)
    return np.ascontiguousarray(quarter[:, ::-1] if symmetry >= 4 else quarter)


def unit(values: Matrix, axis: int | None = None) -> Matrix:
    """With mean 0 and length 1, so that a dot product is a correlation; zeros where nothing varies."""
    centred = values - values.mean(axis=axis, keepdims=True)
    length = np.sqrt((centred * centred).sum(axis=axis, keepdims=True))
    return np.asarray(centred / np.maximum(length, 1e-3), dtype=np.float32)

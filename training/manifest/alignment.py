"""Lays a crop of one photograph exactly over another and says how alike they are.

Gauss-Newton with damping (Levenberg and Marquardt) on the crop's four edges, coarse to fine, on textures of
even contrast. Of one scene the fine texture agrees everywhere; of two only the outline they were laid by.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.manifest.resampling import WHOLE, Matrix, blurred, cropped, texture, unit

# Cells of the grid and blur, width of even contrast (in cells) and floor (grey levels) at each level.
LEVELS = ((32, 0.7, 4.0, 2.0), (64, 0.7, 5.0, 2.0))
SCORED_AT = (96, 0.7, 4.0, 0.5)
# Below this correlation at the first level no alignment at the second was ever worth it.
HOPELESS = 0.45
STEPS = 8
OUTSIDE = 0.03

Level = tuple[int, float, float, float]
Edges = NDArray[np.float64]  # (4,): top, bottom, left, right; shares of a side
Colours = Matrix  # (side, side, 3), 0 to 255
LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def likeness(whole: Colours, source: Colours, box: Sequence[float]) -> tuple[float, float]:
    """How well the crop of `source` near `box` is `whole`: correlation of texture, and difference of colour.

    The first is 0 to 1. The second in levels of 255, of the channel that differs most.
    """
    target, grey = whole @ LUMINANCE, source @ LUMINANCE
    edges = np.asarray(box, dtype=np.float64)
    for level in LEVELS:
        edges, score = _aligned(target, grey, edges, level)
        if score < HOPELESS:
            return score, 255.0
    score = float((_textured(target, WHOLE, SCORED_AT) * _textured(grey, edges, SCORED_AT)).sum())
    return score, _colour_difference(whole, source, edges)


def _colour_difference(whole: Colours, source: Colours, box: Edges) -> float:
    return max(
        float(np.abs(cropped(whole[..., k], WHOLE, 16) - cropped(source[..., k], box, 16)).mean())
        for k in range(3)
    )


def _textured(picture: Matrix, box: Sequence[float] | Edges, level: Level) -> Matrix:
    cells, sigma, width, floor = level
    return unit(texture(blurred(cropped(picture, box, cells), sigma), width, floor))


def _aligned(target: Matrix, source: Matrix, box: Edges, level: Level) -> tuple[Edges, float]:
    """The edges that fit best, with their correlation."""
    goal = _textured(target, WHOLE, level)

    def at(edges: Edges) -> Matrix:
        return _textured(source, edges, level)

    cells = level[0]
    here = at(box)
    score, damping = float((here * goal).sum()), 1e-3
    for _ in range(STEPS):
        slopes = _slopes(at, here, box, 0.2 / cells)
        move = _solved(slopes, (goal - here).ravel(), damping)
        there = np.clip(box + np.clip(move, -1 / cells, 1 / cells), -OUTSIDE, 1 + OUTSIDE)
        moved = at(there)
        gained = float((moved * goal).sum()) - score
        if gained < 0:
            damping *= 10
            if damping > 1:
                break
            continue
        box, here, score, damping = there, moved, score + gained, max(damping / 3, 1e-4)
        if gained < 2e-3:
            break
    return box, score


def _slopes(at: Callable[[Edges], Matrix], here: Matrix, box: Edges, step: float) -> Matrix:
    """(pixels, 4): change of the texture by each edge."""
    return np.stack([((at(box + step * edge) - here) / step).ravel() for edge in np.eye(4)], axis=1)


def _solved(slopes: Matrix, residual: Matrix, damping: float) -> Edges:
    squares = slopes.T.astype(np.float64) @ slopes
    damped = squares + damping * np.eye(4) * (np.trace(squares) + 1e-9)
    return np.asarray(np.linalg.solve(damped, slopes.T @ residual), np.float64)

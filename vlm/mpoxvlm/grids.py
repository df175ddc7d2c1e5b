"""Patches as a square picture: pooled, and brought from one grid to another. Knows no tower.

Shapes: B pictures, P and Q square numbers of patches, V width.
"""

import math

from torch import Tensor
from torch.nn import functional


def pooled(patches: Tensor, factor: int) -> Tensor:
    """(B, P, V) to (B, P / factor^2, V): the mean of neighbouring patches."""
    return functional.avg_pool2d(_square(patches), factor).flatten(2).transpose(1, 2)


def on_grid_of(patches: Tensor, others: Tensor) -> Tensor:
    """`others` (B, Q, V) on the grid of `patches` (B, P, _), by bilinear interpolation: (B, P, V)."""
    if others.shape[1] == patches.shape[1]:
        return others
    side = _side(patches)
    spread = functional.interpolate(_square(others), size=(side, side), mode="bilinear", align_corners=False)
    return spread.flatten(2).transpose(1, 2)


def _square(patches: Tensor) -> Tensor:
    """(B, P, V) to (B, V, grid, grid)."""
    side = _side(patches)
    return patches.transpose(1, 2).reshape(len(patches), patches.shape[-1], side, side)


def _side(patches: Tensor) -> int:
    return math.isqrt(patches.shape[1])

"""How often each photograph is drawn in training: rare conditions, small scenes and rare tones more often.

Among the rashes and healthy skin the tone of the skin goes with the condition. Each photograph is weighed by
P(condition) P(tone) / P(condition, tone), so that in what the model sees they are independent (reweighing
after Kamiran and Calders 2012); within bounds, for where a condition was hardly photographed on such skin.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.photographs import Photographs
from vlm.signals.tone import ita

RASHES_AND_HEALTHY = 4
# Dark below 10 degrees, light above 28 (../docs/CLINICAL.md).
BANDS = (10.0, 28.0)
BOUNDS = (0.4, 3.0)


def balanced(photographs: Photographs, rows: NDArray[np.int64]) -> Tensor:
    """A weight (double) for each of `rows`."""
    labels, conditions = photographs.labels[rows], photographs.conditions[rows]
    rarity = (labels / np.sqrt(labels.sum(axis=0).clip(min=1))).sum(axis=1)
    _, scene, sizes = np.unique(
        [photographs.groups[row] for row in rows], return_inverse=True, return_counts=True
    )
    bands = np.digitize(_tones(photographs.pixels[rows]), BANDS)
    return torch.from_numpy(rarity * sizes[scene] ** -0.5 * _independence(conditions, bands))


def _independence(conditions: NDArray[np.int64], bands: NDArray[np.int64]) -> NDArray[np.float64]:
    weights = np.ones(len(conditions))
    chosen = conditions < RASHES_AND_HEALTHY
    table = np.zeros((RASHES_AND_HEALTHY, len(BANDS) + 1))
    np.add.at(table, (conditions[chosen], bands[chosen]), 1)
    shares = table / max(1.0, table.sum())
    expected = shares.sum(1, keepdims=True) * shares.sum(0, keepdims=True)
    factor = (expected / shares.clip(min=1e-9)).clip(*BOUNDS)
    weights[chosen] = factor[conditions[chosen], bands[chosen]]
    return weights


def _tones(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    angles = [ita(torch.from_numpy(part).permute(0, 3, 1, 2) / 255) for part in np.array_split(pixels, 32)]
    return torch.cat(angles).double().numpy()

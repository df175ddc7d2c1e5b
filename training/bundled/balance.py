"""How often each photograph is drawn in training: rare conditions, small scenes and rare tones more often.

Among the rashes and healthy skin the tone of the skin goes with the condition. Each photograph is weighed by
P(condition) P(tone) / P(condition, tone), so that in what the model sees they are independent (reweighing
after Kamiran and Calders 2012); within bounds, for where a condition was hardly photographed on such skin.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.photographs import Photographs
from vlm.signals.tone import DARK_BELOW, LIGHT_ABOVE, ita

RASHES_AND_HEALTHY = 4
BANDS = 3
BOUNDS = (0.4, 3.0)
# 1 would draw each condition alike, 0 each photograph.
RARITY = 0.75
# 1 would draw each scene alike, 0 each photograph.
SCENE = 0.25


def balanced(photographs: Photographs) -> NDArray[np.float64]:
    """A weight for each photograph."""
    labels, conditions = photographs.labels, photographs.conditions
    rarity = (labels / labels.sum(axis=0).clip(min=1) ** RARITY).sum(axis=1)
    _, scene, sizes = np.unique(photographs.groups, return_inverse=True, return_counts=True)
    tones = [ita(Image.fromarray(pixels)) for pixels in photographs.pixels]
    bands = np.digitize(tones, (DARK_BELOW, LIGHT_ABOVE))
    return np.asarray(rarity * sizes[scene] ** -SCENE * _independence(conditions, bands))


def _independence(conditions: NDArray[np.int64], bands: NDArray[np.int64]) -> NDArray[np.float64]:
    weights = np.ones(len(conditions))
    chosen = conditions < RASHES_AND_HEALTHY
    table = np.zeros((RASHES_AND_HEALTHY, BANDS))
    np.add.at(table, (conditions[chosen], bands[chosen]), 1)
    shares = table / max(1.0, table.sum())
    expected = shares.sum(1, keepdims=True) * shares.sum(0, keepdims=True)
    factor = (expected / shares.clip(min=1e-9)).clip(*BOUNDS)
    weights[chosen] = factor[conditions[chosen], bands[chosen]]
    return weights

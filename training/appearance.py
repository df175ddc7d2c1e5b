"""Words for how a picture looks, measured from its pixels: what the decoder learns to say it saw.

Light, redness and surface are each one of three. The limits part the training photographs in thirds; they
have no meaning beyond these words.
"""

import torch
from torch import Tensor
from torch.nn import functional

from vlm.mpoxvlm.preprocessing import MEAN, STD

LIGHT = ("dark picture", "medium light", "bright picture")
REDNESS = ("little redness", "some redness", "marked redness")
SURFACE = ("smooth surface", "patchy surface", "mottled surface")
WORDS = (LIGHT, REDNESS, SURFACE)

# Thirds of the training photographs under random views.
LIMITS = ((0.50, 0.63), (0.058, 0.115), (0.018, 0.029))


def measures(views: Tensor) -> Tensor:
    """(B, 3, S, S) normalised to (B, 3): mean light, mean red minus green share, unevenness of light."""
    pixels = views * torch.from_numpy(STD).view(1, 3, 1, 1) + torch.from_numpy(MEAN).view(1, 3, 1, 1)
    light = pixels.mean(dim=1, keepdim=True)
    redness = (pixels[:, 0] - pixels[:, 1]) / pixels.sum(dim=1).clamp(min=0.05)
    smooth = functional.avg_pool2d(light, 9, stride=1, padding=4, count_include_pad=False)
    return torch.stack(
        [light.mean(dim=(1, 2, 3)), redness.mean(dim=(1, 2)), (light - smooth).abs().mean(dim=(1, 2, 3))],
        dim=1,
    )


def appearance(views: Tensor) -> list[tuple[str, str, str]]:
    """The three words for each picture."""
    thirds = torch.stack(
        [
            torch.bucketize(column.contiguous(), torch.tensor(LIMITS[i]))
            for i, column in enumerate(measures(views).unbind(1))
        ],
        1,
    )
    return [(LIGHT[a], REDNESS[b], SURFACE[c]) for a, b, c in thirds.tolist()]

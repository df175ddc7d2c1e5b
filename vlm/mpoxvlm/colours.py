"""A photograph's colours without its tone: what brightens, tints or tans a whole picture is taken out.

In the public photographs the tone of the skin goes with the condition, so it must not speak for one. Tone is
an angle in the plane of L* and b* of CIE L*a*b* (`vlm.signals.tone`). Each picture is turned in that plane
until its contrast lies along L* as far as it can; a picture whose tone was turned before then looks the same.

Shapes: B pictures of S pixels a side. Constants: sRGB under D65, IEC 61966-2-1.
"""

import torch
from torch import Tensor

from vlm.signals.tone import EPSILON, KAPPA, TO_XYZ, WHITE

# A picture of one colour has no contrast to bring to one. In units of L*.
LEAST_CONTRAST = 2.0


def without_tone(pictures: Tensor) -> Tensor:
    """(B, 3, S, S) sRGB from 0 to 1 to (B, 3, S, S): light, a*, the rest; mean 0, light's deviation 1."""
    with torch.autocast(pictures.device.type, enabled=False):
        light, red, yellow = (plane - plane.mean((1, 2), keepdim=True) for plane in _lab(pictures).unbind(1))
        angle = _main_direction(light, yellow)
        cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
        along, across = light * cosine + yellow * sine, yellow * cosine - light * sine
        contrast = along.square().mean((1, 2)).sqrt().clamp(min=LEAST_CONTRAST)
        return torch.stack([along, red, across], 1) / contrast[:, None, None, None]


def _main_direction(light: Tensor, yellow: Tensor) -> Tensor:
    """(B,) angle from L* of the direction in which most contrast lies, from -90 to 90 degrees."""
    together = 2 * (light * yellow).mean((1, 2))
    return 0.5 * torch.atan2(together, (light.square() - yellow.square()).mean((1, 2)))


def _lab(pictures: Tensor) -> Tensor:
    levels = pictures.float().clamp(0, 1)
    linear = torch.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    to_relative = torch.from_numpy(TO_XYZ / WHITE[:, None]).to(linear)
    relative = torch.einsum("ij,bjhw->bihw", to_relative, linear)
    # The root's slope at 0 has no end.
    roots = relative.clamp(min=EPSILON / 2) ** (1 / 3)
    x, y, z = torch.where(relative > EPSILON, roots, (KAPPA * relative + 16) / 116).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)

"""Skin tone by the individual typology angle (ITA), and the same picture with another tone.

ITA = arctan((L* - 50) / b*) in degrees, over the skin-coloured pixels (Chardon, Cretois and Hourseau 1991): above
55 very light, 28 to 41 intermediate, below 10 brown, below -30 dark. Here from ordinary photographs, whose light
nobody measured: it orders pictures, it does not measure a person.

Shapes: B pictures (B, 3, S, S), sRGB from 0 to 1. CIE Lab with white D65.
"""

import torch
from torch import Tensor

from vlm.signals.skin import CB, CR

# sRGB's primaries to XYZ (IEC 61966-2-1), and the white to which Lab refers.
TO_XYZ = torch.tensor(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = torch.tensor([0.95047, 1.0, 1.08883])
# With less skin in the picture than this, all pixels count.
LEAST_SKIN = 0.02


def lab(pixels: Tensor) -> Tensor:
    """sRGB to L*, a*, b* (B, 3, S, S)."""
    linear = torch.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055).clamp(min=0) ** 2.4)
    share = _by_colour(linear, TO_XYZ) / WHITE.view(1, 3, 1, 1)
    x, y, z = torch.where(
        share > 0.008856, share.clamp(min=1e-6) ** (1 / 3), 7.787 * share + 16 / 116
    ).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def srgb(colours: Tensor) -> Tensor:
    """L*, a*, b* to sRGB; what the screen cannot show is cut off."""
    y = (colours[:, 0] + 16) / 116
    roots = torch.stack([y + colours[:, 1] / 500, y, y - colours[:, 2] / 200], 1)
    share = torch.where(roots**3 > 0.008856, roots**3, (roots - 16 / 116) / 7.787)
    linear = _by_colour(share * WHITE.view(1, 3, 1, 1), torch.linalg.inv(TO_XYZ)).clamp(0, 1)
    curved = 1.055 * linear.clamp(min=1e-6) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, curved).clamp(0, 1)


def ita(pixels: Tensor) -> Tensor:
    """The angle (B,) in degrees, from the medians of L* and b* over the skin-coloured pixels."""
    colours, skin = lab(pixels).flatten(2), _is_skin(pixels).flatten(1)
    skin = skin | (skin.float().mean(1, keepdim=True) < LEAST_SKIN)
    outside = torch.full_like(colours[:, 0], float("nan"))
    light = torch.where(skin, colours[:, 0], outside).nanmedian(1).values
    yellow = torch.where(skin, colours[:, 2], outside).nanmedian(1).values
    return torch.rad2deg(torch.atan2(light - 50, yellow))


def turned(pixels: Tensor, degrees: Tensor) -> Tensor:
    """The tone of each picture shifted by an angle (B,): above 0 lighter.

    (L* - 50, b*) of every pixel is turned, so that each pixel's own angle moves by just that; a*, the
    redness, stays. What the screen cannot show is cut off, so very light pictures move less.
    """
    colours = lab(pixels)
    cos, sin = (part.view(-1, 1, 1) for part in (torch.deg2rad(degrees).cos(), torch.deg2rad(degrees).sin()))
    light, yellow = colours[:, 0] - 50, colours[:, 2]
    return srgb(torch.stack([50 + light * cos + yellow * sin, colours[:, 1], yellow * cos - light * sin], 1))


def _is_skin(pixels: Tensor) -> Tensor:
    """(B, S, S): the colours of skin after Chai and Ngan (1999), of the chroma alone."""
    red, green, blue = (pixels * 255).unbind(1)
    blue_chroma = 128 - 0.169 * red - 0.331 * green + 0.5 * blue
    red_chroma = 128 + 0.5 * red - 0.419 * green - 0.081 * blue
    return _within(blue_chroma, CB) & _within(red_chroma, CR)


def _within(values: Tensor, limits: tuple[int, int]) -> Tensor:
    return (values >= limits[0]) & (values <= limits[1])


def _by_colour(pixels: Tensor, matrix: Tensor) -> Tensor:
    return torch.einsum("ij,bjhw->bihw", matrix.to(pixels), pixels)

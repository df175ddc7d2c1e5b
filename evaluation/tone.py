"""Skin tone of a photograph: its individual typology angle (ITA), and the same photograph in another tone.

ITA is the angle of (L* - 50, b*), in degrees: high for light skin, low and below 0 for dark skin (Chardon et
al. 1991; bands after Del Bino and Bernerd 2013). Colours are CIE L*a*b* under D65 from sRGB (IEC 61966-2-1).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlm.signals.skin import CB, CR, SKIN_FROM

Floats = NDArray[np.float64]

DARK_BELOW, LIGHT_ABOVE = 10.0, 28.0
SHIFT = 25.0
"""Degrees by which a photograph is made lighter and darker to see whether an answer hangs on its tone."""

TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
FROM_XYZ = np.linalg.inv(TO_XYZ)
WHITE = TO_XYZ.sum(axis=1)
EPSILON, KAPPA = 216 / 24389, 24389 / 27
# Pixels are sampled: a median needs no more of them.
SAMPLED = 128


def ita(image: Image.Image) -> float:
    """Degrees: the angle of the median L* - 50 and the median b* of the skin-coloured pixels.

    Where hardly a pixel has the colour of skin (as `vlm.signals.skin` sees it), all pixels count.
    """
    size = (min(SAMPLED, image.width), min(SAMPLED, image.height))
    sampled = image.convert("RGB").resize(size, Image.Resampling.NEAREST)
    skin = _skin(sampled)
    lab = to_lab(np.asarray(sampled))
    chosen = lab[skin] if skin.mean() >= SKIN_FROM else lab.reshape(-1, 3)
    light, _, yellow = np.median(chosen, axis=0)
    return float(np.degrees(np.arctan2(light - 50, yellow)))


def band(angle: float) -> str:
    """`dark` below 10 degrees, `light` above 28, else `middle`."""
    return "dark" if angle < DARK_BELOW else "light" if angle > LIGHT_ABOVE else "middle"


def shift_tone(image: Image.Image, degrees: float) -> Image.Image:
    """The photograph with every pixel's ITA moved by `degrees`: above 0 lighter, below 0 darker.

    (L* - 50, b*) of each pixel is turned by the angle, so its ITA moves by just that. Its length stays, and
    a* stays, which carries the redness of a lesion. What no screen can show is cut off at the edge of sRGB.
    White and black are turned too, and a white wall gets a tint: the price of one rule for every pixel.
    """
    lab = to_lab(np.asarray(image.convert("RGB")))
    light, yellow = lab[..., 0] - 50, lab[..., 2]
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned = np.stack([50 + cosine * light + sine * yellow, lab[..., 1], cosine * yellow - sine * light], -1)
    return Image.fromarray(from_lab(turned))


def to_lab(rgb: NDArray[np.uint8]) -> Floats:
    """L*, a*, b* (..., 3) of sRGB bytes (..., 3)."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)[rgb]
    relative = linear @ TO_XYZ.T / WHITE
    x, y, z = np.moveaxis(
        np.where(relative > EPSILON, np.cbrt(relative), (KAPPA * relative + 16) / 116), -1, 0
    )
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def from_lab(lab: Floats) -> NDArray[np.uint8]:
    """sRGB bytes (..., 3) of L*, a*, b* (..., 3); what lies outside is cut off."""
    y = (lab[..., 0] + 16) / 116
    roots = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    relative = np.where(roots**3 > EPSILON, roots**3, (116 * roots - 16) / KAPPA)
    linear = np.clip(relative * WHITE @ FROM_XYZ.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    rounded: NDArray[np.uint8] = np.rint(encoded * 255).astype(np.uint8)
    return rounded


def _skin(image: Image.Image) -> NDArray[np.bool_]:
    _, blue, red = np.moveaxis(np.asarray(image.convert("YCbCr")), -1, 0)
    skin: NDArray[np.bool_] = (blue >= CB[0]) & (blue <= CB[1]) & (red >= CR[0]) & (red <= CR[1])
    return skin

"""Colour and texture of a picture as some sixty numbers. Knows no modality.

Measured on 128 x 128 pixels, so that the size of the scan says nothing.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 128
Plane = NDArray[np.float64]

NAMED = ("stained", "skin", "white", "black", "dark_corners", "fine_texture")


def features(picture: Image.Image) -> tuple[float, ...]:
    """Those of `NAMED` first, each a share or between -1 and 1; then histograms."""
    small = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    hsv = np.asarray(small.convert("HSV"), dtype=np.float64) / 255
    rgb = np.asarray(small, dtype=np.float64) / 255
    grey = rgb @ (0.299, 0.587, 0.114)
    numbers = [*_shares(hsv), _dark_corners(grey), _fine(grey), *_colours(rgb, hsv), *_texture(grey)]
    return tuple(round(float(number), 5) for number in numbers)


def named(numbers: tuple[float, ...]) -> dict[str, float]:
    """The features that have a name."""
    return dict(zip(NAMED, numbers, strict=False))


def _shares(hsv: Plane) -> list[float]:
    """Pixels in the colours of haematoxylin and eosin, of skin, of bare slide or paper, of the dark."""
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    stained = (hue > 0.70) & (hue < 0.965) & (saturation > 0.10) & (value > 0.25)
    skin = ((hue < 0.11) | (hue > 0.965)) & (saturation > 0.12) & (saturation < 0.75) & (value > 0.2)
    white, black = (value > 0.9) & (saturation < 0.08), value < 0.12
    return [float(mask.mean()) for mask in (stained, skin, white, black)]


def _dark_corners(grey: Plane) -> float:
    """How much darker the corners are than the middle: the rim of a dermatoscope."""
    edge, third = SIDE // 10, SIDE // 3
    corners = [
        grey[y, x] for y in (slice(edge), slice(-edge, None)) for x in (slice(edge), slice(-edge, None))
    ]
    return float(grey[third:-third, third:-third].mean() - np.mean(corners))


def _fine(grey: Plane) -> float:
    """The share of all contrast that lies between neighbours: cells are fine, limbs are not."""
    steps = np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()
    return float(min(1.0, steps / (4 * grey.std() + 0.02)))


def _colours(rgb: Plane, hsv: Plane) -> list[float]:
    hue = np.histogram(hsv[..., 0], bins=12, range=(0, 1), weights=hsv[..., 1])[0] / hsv[..., 0].size
    rest = [np.histogram(hsv[..., plane], bins=5, range=(0, 1))[0] / hsv[..., 0].size for plane in (1, 2)]
    opposed = (rgb[..., 0] - rgb[..., 1], (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2], rgb.mean(axis=2))
    moments = [value for plane in opposed for value in (plane.mean(), plane.std())]
    return [*hue, *rest[0], *rest[1], *moments]


def _texture(grey: Plane) -> list[float]:
    """Contrast at four scales, and uniform local binary patterns (Ojala et al., 2002) of eight neighbours."""
    numbers: list[float] = []
    plane = grey
    for _ in range(4):
        steps = np.concatenate([np.diff(plane, axis=0).ravel(), np.diff(plane, axis=1).ravel()])
        numbers += [float(np.abs(steps).mean()), float(steps.std())]
        plane = plane.reshape(plane.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3))
    return [*numbers, *_patterns(grey)]


def _patterns(grey: Plane) -> list[float]:
    around = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
    inner = grey[1:-1, 1:-1]
    # A step of less than 1/100 is noise of the scan, not texture.
    above = np.stack([
        grey[1 + y : SIDE - 1 + y, 1 + x : SIDE - 1 + x] > inner + 0.01 for y, x in around
    ])  # fmt: skip
    changes = (above != np.roll(above, 1, axis=0)).sum(axis=0)
    kind = np.where(changes <= 2, above.sum(axis=0), 9)
    return [float((kind == pattern).mean()) for pattern in range(10)]

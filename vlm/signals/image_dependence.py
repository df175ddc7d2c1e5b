"""Whether the photograph counts: the same case read once more with its mean colour in the photograph's place.

Pure functions for every backend, free of torch. Measured on the findings, as total variation.
"""

import hashlib
from collections.abc import Sequence

from PIL import Image, ImageStat


def mean_colour(image: Image.Image) -> Image.Image:
    """A picture of the same size that shows nothing but the photograph's mean colour."""
    red, green, blue = (round(mean) for mean in ImageStat.Stat(image.convert("RGB")).mean)
    return Image.new("RGB", image.size, (red, green, blue))


def is_sampled(images: Sequence[Image.Image], prompt: str, share: float) -> bool:
    """Whether this case is among the `share` of cases that are read once more.

    Decided by a hash of pixels and prompt: the same case is always treated alike, whoever reads it, when, and
    in whatever company.
    """
    if share in (0, 1):
        return share == 1
    digest = hashlib.sha256(prompt.encode())
    for image in images:
        digest.update(repr(image.size).encode())
        digest.update(image.convert("RGB").tobytes())
    return int.from_bytes(digest.digest()[:8]) / 2**64 < share


def total_variation(first: Sequence[float], second: Sequence[float]) -> float:
    """Half the sum of absolute differences of two distributions in the same order: 0 (equal) to 1."""
    return min(1.0, sum(abs(a - b) for a, b in zip(first, second, strict=True)) / 2)

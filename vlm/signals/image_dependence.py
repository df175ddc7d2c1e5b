"""Whether the photograph counts: the same case read once more with its mean colour in the photograph's place.

Pure functions for every backend, free of torch. Measured on the findings, as total variation.
"""

import hashlib
from collections.abc import Sequence
from typing import cast

from PIL import Image


def mean_colour(image: Image.Image, longest_side: int | None = None) -> Image.Image:
    """A picture of nothing but the photograph's mean colour: of its size, or smaller and of its shape."""
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    colour = rgb.resize((1, 1), Image.Resampling.BOX, reducing_gap=1.0).getpixel((0, 0))
    scale = min(1.0, longest_side / max(image.size)) if longest_side else 1.0
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return Image.new("RGB", size, cast(tuple[int, ...], colour))


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

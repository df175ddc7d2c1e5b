"""From a photograph to the numbers both towers read, with Pillow and numpy alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MEAN = np.array([0.67, 0.55, 0.49], dtype=np.float32)
STD = np.array([0.20, 0.20, 0.20], dtype=np.float32)


def centre_square(image: Image.Image, side: int) -> Image.Image:
    """The largest centred square of the photograph as RGB, `side` pixels wide.

    A square crop keeps the lesion's shape; what lies outside it, at the long ends, is not seen.
    """
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    edge = min(rgb.size)
    left, top = (rgb.width - edge) / 2, (rgb.height - edge) / 2
    box = (left, top, left + edge, top + edge)
    return rgb.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)


def pixel_values(
    images: Sequence[Image.Image], side: int, mean: NDArray[np.float32] = MEAN, std: NDArray[np.float32] = STD
) -> NDArray[np.float32]:
    """Normalised pixels (N, 3, side, side) as float32; `mean` and `std` one number a colour."""
    squares = np.stack([np.asarray(centre_square(image, side), dtype=np.float32) for image in images])
    normalised = (squares / 255.0 - mean) / std
    return np.ascontiguousarray(normalised.transpose(0, 3, 1, 2), dtype=np.float32)

"""Reads one photograph whole, upright, and makes it small for comparing."""

import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

# Of the thumbnails by which photographs are searched; they are squeezed to a square.
SIDE = 64


class Unreadable(Exception):
    """The file is missing, no image, or cut off; the text says which."""


def read_photograph(path: Path) -> tuple[Image.Image, str]:
    """The upright RGB image, every pixel decoded, and the SHA-256 of the file. Raises `Unreadable`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error} ({path})") from None
    try:
        with Image.open(io.BytesIO(content)) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
    # Pillow's decoders say with these what is broken.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Unreadable(f"is no whole image: {error}") from None
    return upright, hashlib.sha256(content).hexdigest()


def squeezed(image: Image.Image, side: int) -> Image.Image:
    """A square of that side: each of its pixels the mean of what it covers."""
    resampling = Image.Resampling.BOX if min(image.size) >= side else Image.Resampling.BILINEAR
    return image.resize((side, side), resampling)


def thumbnail(image: Image.Image) -> NDArray[np.float16]:
    """Luminance (SIDE, SIDE), 0 to 255; not rounded, since faint texture tells photographs apart."""
    return np.asarray(squeezed(image.convert("L").convert("F"), SIDE), dtype=np.float16)

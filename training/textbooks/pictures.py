"""Reads a picture small enough to be measured: what a step looks at needs no more."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.uint8]


def opened(file: Path, longest: int) -> Image.Image:
    """The picture in RGB, its longer side at most `longest` pixels. Raises `OSError` where that fails."""
    with warnings.catch_warnings():
        # Pillow only warns of a picture that is twice too large, and refuses one that is four times so.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _read(file, longest)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise OSError(f"{file.name}: too many pixels") from error


def _read(file: Path, longest: int) -> Image.Image:
    with Image.open(file) as picture:
        picture.draft("RGB", (longest, longest))
        turned = ImageOps.exif_transpose(picture)
        turned.thumbnail((longest, longest), Image.Resampling.BOX)
        return _on_white(turned)


def _on_white(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")


def pixels(file: Path, longest: int) -> Pixels:
    """The same as an array (height, width, 3)."""
    return np.asarray(opened(file, longest))

"""Photographs as the original feeds them: `seed` crops the centre, `pad` makes a square first."""

from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from transformers import CLIPImageProcessorPil

from vlm.errors import BrokenCheckpoint


def image_processor(tower: Path) -> Any:
    """The tower's own processor, by Pillow. Raises `BrokenCheckpoint` where its file is lacking."""
    if not (tower / "preprocessor_config.json").is_file():
        raise BrokenCheckpoint(
            f"{tower / 'preprocessor_config.json'} is missing: fetch the tower's folder again"
        )
    return CLIPImageProcessorPil.from_pretrained(tower)


def pixels(processor: Any, image: Image.Image, way: str) -> Tensor:
    """(1, 3, S, S) of a photograph, prepared in the way `seed` or `pad`."""
    image = image.convert("RGB")
    if way == "pad":
        image = square(image, tuple(int(255 * part) for part in processor.image_mean))
    tensor: Tensor = processor(image, return_tensors="pt").pixel_values
    return tensor


def square(image: Image.Image, colour: tuple[int, ...]) -> Image.Image:
    """The photograph in the middle of a square of the colour."""
    width, height = image.size
    side = max(width, height)
    canvas = Image.new("RGB", (side, side), colour)
    canvas.paste(image, ((side - width) // 2, (side - height) // 2))
    return canvas

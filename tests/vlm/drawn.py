"""Drawn photographs and clinical information for the tests of the models: no picture of a person."""

import random
from typing import Any

from PIL import Image, ImageDraw

from triage.clinical import Clinical


def photograph(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Skin-coloured ground with spots; another seed is another picture."""
    chance = random.Random(seed)
    image = Image.frombytes("RGB", size, chance.randbytes(3 * size[0] * size[1]))
    tone = (chance.randint(90, 235), chance.randint(70, 190), chance.randint(60, 170))
    image = Image.blend(image, Image.new("RGB", size, tone), 0.8)
    pen = ImageDraw.Draw(image)
    for _ in range(chance.randint(3, 20)):
        x, y, r = chance.randint(0, size[0]), chance.randint(0, size[1]), chance.randint(4, 24)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(chance.randint(90, 200), chance.randint(20, 90), 60))
    return image


def clinical(**answers: Any) -> Clinical:
    """The least that a platform must say, and what the test adds."""
    least: dict[str, Any] = {
        "patient_ref": "drawn",
        "consent": {"triage": True},
        "region": "FR-75",
        "age": {"years": 34},
    }
    return Clinical.model_validate(least | answers)

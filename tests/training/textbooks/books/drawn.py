"""Drawn pictures of the three modalities: colours and texture of their kind, no picture of a person."""

import random

from PIL import Image, ImageDraw, ImageFilter

MODALITIES = ("clinical", "dermoscopic", "pathological")


def picture(modality: str, seed: int, size: tuple[int, int] = (360, 270)) -> Image.Image:
    """The same seed draws the same picture."""
    chance = random.Random(f"{modality}/{seed}")
    return {"clinical": _clinical, "dermoscopic": _dermoscopic, "pathological": _pathological}[modality](
        chance, size
    )


def _grain(
    chance: random.Random, size: tuple[int, int], tone: tuple[int, int, int], share: float
) -> Image.Image:
    small = (size[0] // 3, size[1] // 3)
    noise = Image.frombytes("RGB", small, chance.randbytes(3 * small[0] * small[1])).resize(size)
    return Image.blend(noise, Image.new("RGB", size, tone), share)


def _clinical(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    image = _grain(
        chance, size, (chance.randint(150, 225), chance.randint(110, 165), chance.randint(90, 140)), 0.85
    )
    pen = ImageDraw.Draw(image)
    for _ in range(chance.randint(4, 14)):
        x, y, r = chance.randint(0, size[0]), chance.randint(0, size[1]), chance.randint(6, 26)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(chance.randint(140, 190), chance.randint(50, 90), 70))
    return image.filter(ImageFilter.GaussianBlur(1))


def _dermoscopic(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    image = _grain(chance, size, (215, 165, 145), 0.9)
    pen = ImageDraw.Draw(image)
    cx, cy, r = size[0] // 2, size[1] // 2, min(size) // 3
    pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=(95, 60, 45))
    for step in range(-r, r, 12):
        pen.line((cx + step, cy - r, cx + step + 9, cy + r), fill=(60, 35, 30), width=2)
        pen.line((cx - r, cy + step, cx + r, cy + step + 9), fill=(60, 35, 30), width=2)
    return image


def _pathological(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    image = _grain(chance, size, (225, 170, 200), 0.85)
    pen = ImageDraw.Draw(image)
    for _ in range(size[0] * size[1] // 500):
        x, y, r = chance.randint(0, size[0]), chance.randint(0, size[1]), chance.randint(2, 5)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(90, 50, chance.randint(120, 160)))
    return image

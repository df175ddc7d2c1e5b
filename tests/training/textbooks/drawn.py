"""Drawn pictures of the three modalities, and marks upon them: no picture of a person or of a patient."""

import random
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

from training.textbooks.records import Modality

SIZE = (240, 180)


@cache
def drawn(modality: Modality, seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture as that modality looks from afar; another seed is another picture."""
    chance = random.Random(f"{modality}{seed}")
    return {"clinical": _clinical, "dermoscopic": _dermoscopic, "pathological": _pathological}[modality](
        chance, size
    )


def _ground(chance: random.Random, size: tuple[int, int], tone: tuple[int, int, int]) -> Image.Image:
    noise = Image.frombytes("RGB", size, chance.randbytes(3 * size[0] * size[1]))
    plain = Image.blend(noise, Image.new("RGB", size, tone), 0.88)
    light = Image.radial_gradient("L").resize(size).rotate(chance.randint(0, 359))
    return Image.composite(Image.new("RGB", size, tuple(int(c * 0.75) for c in tone)), plain, light)


def _skin(chance: random.Random) -> tuple[int, int, int]:
    return chance.choice([(224, 172, 148), (198, 140, 110), (141, 96, 72), (236, 194, 170)])


def _blot(
    chance: random.Random, pen: ImageDraw.ImageDraw, size: tuple[int, int], radius: int, fill: tuple[int, ...]
) -> None:
    x, y = chance.randint(0, size[0]), chance.randint(0, size[1])
    across = int(radius * chance.uniform(0.6, 1.4))
    pen.ellipse((x - radius, y - across, x + radius, y + across), fill=fill)


def _clinical(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    tone = _skin(chance)
    image = _ground(chance, size, tone)
    pen = ImageDraw.Draw(image)
    for _ in range(chance.randint(2, 9)):
        radius = chance.randint(min(size) // 20, min(size) // 6)
        _blot(chance, pen, size, radius, (tone[0] - 10, int(tone[1] * 0.55), int(tone[2] * 0.55)))
    return image.filter(ImageFilter.GaussianBlur(1.6))


def _dermoscopic(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    image = _ground(chance, size, _skin(chance))
    pen = ImageDraw.Draw(image)
    x, y = (int(side * chance.uniform(0.36, 0.64)) for side in size)
    r, wide = int(min(size) * chance.uniform(0.18, 0.36)), chance.uniform(0.6, 1.5)
    pen.ellipse((x - r * wide, y - r, x + r * wide, y + r), fill=chance.choice([(120, 78, 52), (96, 60, 50)]))
    for _ in range(80):
        dx, dy, d = chance.randint(-r, r), chance.randint(-r, r), chance.randint(1, 3)
        if dx * dx + dy * dy < r * r:
            pen.ellipse((x + dx - d, y + dy - d, x + dx + d, y + dy + d), fill=(62, 38, 24))
    image = image.filter(ImageFilter.GaussianBlur(0.8))
    dark = Image.new("L", size, 0)
    reach = int(max(size) * 0.52)
    x, y = size[0] // 2, size[1] // 2
    ImageDraw.Draw(dark).ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return Image.composite(image, Image.new("RGB", size, (8, 7, 7)), dark.filter(ImageFilter.GaussianBlur(4)))


def _pathological(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    image = _ground(chance, size, chance.choice([(232, 178, 206), (224, 160, 198), (238, 200, 220)]))
    pen = ImageDraw.Draw(image)
    for _ in range(size[0] * size[1] // 150):
        _blot(chance, pen, size, chance.randint(1, 3), (96, 62, 140))
    return image


def with_arrow(image: Image.Image, colour: str = "white") -> Image.Image:
    """An arrow as long as a sixth of the picture."""
    marked = image.copy()
    pen, unit = ImageDraw.Draw(marked), min(image.size) // 24
    x, y = image.size[0] // 3, image.size[1] // 3
    pen.line((x, y, x + 3 * unit, y + 3 * unit), fill=colour, width=max(2, unit // 2))
    pen.polygon([(x - unit, y - unit), (x + 2 * unit, y), (x, y + 2 * unit)], fill=colour)
    return marked


def with_letter(image: Image.Image, letter: str = "a", colour: str = "black") -> Image.Image:
    """A panel's letter in the corner."""
    marked = image.copy()
    ImageDraw.Draw(marked).text((10, 8), letter, fill=colour, font_size=max(14, min(image.size) // 10))
    return marked


def with_ruler(image: Image.Image) -> Image.Image:
    """A white strip with black ticks along the lower edge."""
    marked = image.copy()
    pen, (width, height) = ImageDraw.Draw(marked), image.size
    top = int(height * 0.82)
    pen.rectangle((0, top, width, height), fill=(244, 244, 240))
    for number, x in enumerate(range(8, width - 4, 8)):
        pen.line((x, top + 2, x, top + (18 if number % 5 == 0 else 11)), fill=(12, 12, 12), width=2)
    return marked


def with_bar(image: Image.Image) -> Image.Image:
    """A black bar as editors lay over the eyes."""
    marked = image.copy()
    width, height = image.size
    ImageDraw.Draw(marked).rectangle((width * 0.2, height * 0.3, width * 0.8, height * 0.45), fill="black")
    return marked


def face(seed: int, size: tuple[int, int] = (200, 220)) -> Image.Image:
    """A mannequin's head: what a face detector looks for, and nobody's face."""
    chance = random.Random(seed)
    big = (size[0] * 2, size[1] * 2)
    image = Image.new("RGB", big, (120, 130, 140))
    pen, (w, h) = ImageDraw.Draw(image), big
    tone = _skin(chance)
    shade = tuple(int(c * 0.7) for c in tone)
    pen.ellipse((w * 0.18, h * 0.05, w * 0.82, h * 0.97), fill=tone)
    pen.pieslice((w * 0.16, h * 0.02, w * 0.84, h * 0.6), 180, 360, fill=(60, 45, 38))
    pen.ellipse((w * 0.2, h * 0.2, w * 0.8, h * 0.75), fill=tone)
    for x in (0.36, 0.64):
        pen.ellipse((w * (x - 0.11), h * 0.36, w * (x + 0.11), h * 0.47), fill=shade)
        pen.ellipse((w * (x - 0.085), h * 0.385, w * (x + 0.085), h * 0.455), fill=(240, 236, 230))
        pen.ellipse((w * (x - 0.04), h * 0.38, w * (x + 0.04), h * 0.46), fill=(40, 26, 20))
        pen.rectangle((w * (x - 0.11), h * 0.31, w * (x + 0.11), h * 0.345), fill=(60, 45, 38))
    pen.polygon([(w * 0.5, h * 0.42), (w * 0.42, h * 0.62), (w * 0.58, h * 0.62)], fill=shade)
    pen.ellipse((w * 0.43, h * 0.59, w * 0.57, h * 0.64), fill=shade)
    pen.ellipse((w * 0.36, h * 0.70, w * 0.64, h * 0.78), fill=(150, 70, 70))
    return image.filter(ImageFilter.GaussianBlur(5)).resize(size)

"""Draws pictures of skin with lesions, for demonstrations and tests. No photograph of anybody is behind them.

The same arguments always give the same bytes. Knows nothing of cases; sizes are in pixels.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Literal

from PIL import Image, ImageDraw, ImageFilter

Kind = Literal["pustule", "vesicle", "macule", "mole", "irregular_mole", "pearl", "scale", "wart"]
Colour = tuple[int, int, int]

SIZE = 640
DETAIL = 2  # drawn larger and scaled down, for smooth edges
TONES: dict[int, Colour] = {
    1: (244, 214, 196),
    2: (232, 190, 165),
    3: (210, 160, 128),
    4: (174, 122, 90),
    5: (126, 84, 60),
    6: (82, 55, 42),
}
"""Skin by Fitzpatrick type, 1 to 6."""


@dataclass(frozen=True)
class Picture:
    """What is drawn: the skin's tone, and how many lesions of which kind; none means healthy skin."""

    seed: int
    fitzpatrick: int
    kind: Kind | None = None
    count: int = 1
    radius: int = 30


def draw_jpeg(picture: Picture) -> bytes:
    """The picture as a JPEG file of 640 x 640 pixels."""
    file = BytesIO()
    draw(picture).save(file, "JPEG", quality=90)
    return file.getvalue()


def draw(picture: Picture) -> Image.Image:
    """The picture itself: skin, its texture and light, then the lesions."""
    chance = Random(picture.seed)  # noqa: S311 - the same picture each time, not a secret
    side = SIZE * DETAIL
    skin = Image.new("RGB", (side, side), TONES[picture.fitzpatrick])
    skin = _textured(skin, chance)
    if picture.kind:
        for x, y in _places(picture.count, picture.radius * DETAIL, side, chance):
            radius = picture.radius * DETAIL * chance.uniform(0.8, 1.2)
            LESIONS[picture.kind](skin, x, y, radius, TONES[picture.fitzpatrick], chance)
    softened = skin.filter(ImageFilter.GaussianBlur(DETAIL))
    return softened.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _textured(skin: Image.Image, chance: Random) -> Image.Image:
    for grain, strength in ((160, 0.05), (24, 0.05), (8, 0.04)):
        cells = skin.width // grain
        noise = Image.frombytes("L", (cells, cells), chance.randbytes(cells * cells))
        layer = noise.resize(skin.size, Image.Resampling.BICUBIC).convert("RGB")
        skin = Image.blend(skin, layer, strength)
    return skin


def _places(count: int, radius: int, side: int, chance: Random) -> list[tuple[float, float]]:
    """Middle points that keep clear of each other where there is room."""
    if count == 1:
        return [(side / 2, side / 2)]
    places: list[tuple[float, float]] = []
    for _ in range(count * 40):
        place = (chance.uniform(radius, side - radius), chance.uniform(radius, side - radius))
        if all(math.dist(place, other) > 2.4 * radius for other in places):
            places.append(place)
        if len(places) == count:
            break
    return places


def _shade(colour: Colour, red: float, green: float, blue: float) -> Colour:
    return (
        max(0, min(255, round(colour[0] * red))),
        max(0, min(255, round(colour[1] * green))),
        max(0, min(255, round(colour[2] * blue))),
    )


def _blob(
    skin: Image.Image,
    x: float,
    y: float,
    radius: float,
    colour: Colour,
    chance: Random,
    *,
    rough: float,
    soft: float,
) -> None:
    """A filled patch: its outline wavers by `rough`, its edge is blurred over `soft`, parts of the radius."""
    half = math.ceil(radius * (1.2 + rough + 3 * soft)) + 4
    points = []
    for step in range(48):
        angle = step * math.tau / 48
        reach = radius * (1 + rough * math.sin(3 * angle + x) * 0.6 + rough * chance.uniform(-0.5, 0.5))
        points.append((half + reach * math.cos(angle), half + reach * math.sin(angle)))
    mask = Image.new("L", (2 * half, 2 * half))
    ImageDraw.Draw(mask).polygon(points, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(max(1.0, soft * radius)))
    left, top = round(x) - half, round(y) - half
    skin.paste(colour, (left, top, left + 2 * half, top + 2 * half), mask)


def _pustule(skin: Image.Image, x: float, y: float, r: float, tone: Colour, chance: Random) -> None:
    """Firm, deep, with a dent in the middle, on a red base."""
    _blob(skin, x, y, r * 1.35, _shade(tone, 1.0, 0.62, 0.6), chance, rough=0.08, soft=0.2)
    _blob(skin, x, y, r, _shade(tone, 1.1, 1.05, 0.85), chance, rough=0.04, soft=0.1)
    _blob(
        skin, x - r * 0.4, y - r * 0.4, r * 0.18, _shade(tone, 1.25, 1.25, 1.15), chance, rough=0.2, soft=0.5
    )
    _blob(skin, x, y, r * 0.3, _shade(tone, 0.85, 0.68, 0.6), chance, rough=0.2, soft=0.35)


def _vesicle(skin: Image.Image, x: float, y: float, r: float, tone: Colour, chance: Random) -> None:
    """A clear blister on a red patch."""
    _blob(skin, x, y, r * 1.6, _shade(tone, 1.02, 0.66, 0.64), chance, rough=0.25, soft=0.25)
    _blob(skin, x, y, r * 0.7, _shade(tone, 1.15, 1.1, 1.1), chance, rough=0.05, soft=0.12)
    _blob(skin, x - r * 0.2, y - r * 0.2, r * 0.15, (252, 252, 252), chance, rough=0.05, soft=0.3)


def _macule(skin: Image.Image, x: float, y: float, r: float, tone: Colour, chance: Random) -> None:
    """Flat, red, running into its neighbours."""
    _blob(skin, x, y, r * 1.3, _shade(tone, 1.0, 0.68, 0.66), chance, rough=0.4, soft=0.35)


def _mole(skin: Image.Image, x: float, y: float, r: float, tone: Colour, chance: Random) -> None:
    """Round, one brown."""
    _blob(skin, x, y, r, _shade(tone, 0.5, 0.4, 0.36), chance, rough=0.05, soft=0.1)


def _irregular_mole(skin: Image.Image, x: float, y: float, r: float, tone: Colour, chance: Random) -> None:
    """Lopsided, with several browns, near black in places."""
    for _ in range(9):
        dark = chance.uniform(0.12, 0.5)
        place = (x + chance.uniform(-0.8, 0.8) * r, y + chance.uniform(-0.5, 0.5) * r)
        colour = _shade(tone, dark * 1.1, dark * 0.85, dark * 0.85)
        _blob(skin, *place, r * chance.uniform(0.3, 0.7), colour, chance, rough=0.45, soft=0.06)


def _pearl(skin: Image.Image, x: float, y: float, r: float, tone: Colour, chance: Random) -> None:
    """A shining nodule with fine vessels and a sore in the middle."""
    _blob(skin, x, y, r, _shade(tone, 1.12, 0.95, 0.95), chance, rough=0.1, soft=0.12)
    pen = ImageDraw.Draw(skin)
    for _ in range(7):
        angle = chance.uniform(0, math.tau)
        start = (x + 0.9 * r * math.cos(angle), y + 0.9 * r * math.sin(angle))
        pen.line([start, (x + 0.3 * r * math.sin(angle), y + 0.3 * r * math.cos(angle))], (190, 60, 60), 3)
    _blob(skin, x, y, r * 0.35, (120, 50, 44), chance, rough=0.3, soft=0.1)


def _scale(skin: Image.Image, x: float, y: float, r: float, tone: Colour, chance: Random) -> None:
    """A rough red patch with pale scales."""
    _blob(skin, x, y, r, _shade(tone, 1.0, 0.7, 0.66), chance, rough=0.3, soft=0.15)
    for _ in range(14):
        place = (x + chance.uniform(-0.6, 0.6) * r, y + chance.uniform(-0.6, 0.6) * r)
        _blob(skin, *place, r * 0.12, _shade(tone, 1.2, 1.18, 1.12), chance, rough=0.6, soft=0.05)


def _wart(skin: Image.Image, x: float, y: float, r: float, tone: Colour, chance: Random) -> None:
    """A waxy brown plaque with dark plugs, as if stuck on."""
    _blob(skin, x, y, r, _shade(tone, 0.66, 0.54, 0.46), chance, rough=0.15, soft=0.04)
    for _ in range(16):
        place = (x + chance.uniform(-0.65, 0.65) * r, y + chance.uniform(-0.65, 0.65) * r)
        _blob(skin, *place, r * 0.08, _shade(tone, 0.36, 0.28, 0.24), chance, rough=0.3, soft=0.05)


LESIONS: dict[Kind, Callable[[Image.Image, float, float, float, Colour, Random], None]] = {
    "pustule": _pustule,
    "vesicle": _vesicle,
    "macule": _macule,
    "mole": _mole,
    "irregular_mole": _irregular_mole,
    "pearl": _pearl,
    "scale": _scale,
    "wart": _wart,
}

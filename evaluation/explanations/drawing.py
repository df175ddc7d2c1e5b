"""Drawn photographs of skin in all tones: no picture of a person is needed to ask for words."""

from random import Random

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]

SIZE = 320
# Lightest to darkest.
TONES: tuple[Colour, ...] = (
    (244, 214, 196), (232, 190, 165), (210, 160, 128), (174, 122, 90), (126, 84, 60), (82, 55, 42),
)  # fmt: skip
# Share of red, green and blue that is left of the skin's own colour: inflamed, pale, brown, near black.
LESIONS = ((1.0, 0.65, 0.62), (1.15, 1.1, 1.0), (0.6, 0.46, 0.4), (0.25, 0.2, 0.2))


def drawn_photograph(chance: Random) -> Image.Image:
    """Skin with its grain and up to thirty lesions of one kind, or none; out of focus now and then."""
    tone = chance.choice(TONES)
    skin = _grained(Image.new("RGB", (SIZE, SIZE), tone), chance)
    kind, radius = chance.choice(LESIONS), chance.randint(4, 60)
    for _ in range(chance.choice((0, 1, 1, 3, 10, 30))):
        _lesion(skin, _tinted(tone, kind), radius * chance.uniform(0.7, 1.3), chance)
    return skin.filter(ImageFilter.GaussianBlur(chance.choice((0.5, 1, 1, 3))))


def _grained(skin: Image.Image, chance: Random) -> Image.Image:
    for cells, strength in ((5, 0.12), (40, 0.06), (160, 0.05)):
        noise = Image.frombytes("L", (cells, cells), chance.randbytes(cells * cells))
        layer = noise.resize(skin.size, Image.Resampling.BICUBIC).convert("RGB")
        skin = Image.blend(skin, layer, strength)
    return skin


def _lesion(skin: Image.Image, colour: Colour, radius: float, chance: Random) -> None:
    x, y = chance.uniform(0, SIZE), chance.uniform(0, SIZE)
    mask = Image.new("L", skin.size)
    high, wide = radius, radius * chance.uniform(0.7, 1.4)
    ImageDraw.Draw(mask).ellipse((x - wide, y - high, x + wide, y + high), fill=235)
    skin.paste(colour, mask=mask.filter(ImageFilter.GaussianBlur(max(1.0, radius / 5))))


def _tinted(tone: Colour, left: tuple[float, float, float]) -> Colour:
    red, green, blue = (min(255, round(part * share)) for part, share in zip(tone, left, strict=True))
    return red, green, blue

"""A photograph without skin is pointed out, and never sent back for it."""

import random

import pytest
from PIL import Image, ImageDraw

from vlm.signals.quality import image_quality
from vlm.signals.skin import shows_no_skin

# From very light to very dark: sRGB of skin in photographs, and a lesion of another colour on it.
SKINS = [(250, 224, 205), (233, 190, 160), (198, 142, 110), (150, 100, 72), (98, 62, 44), (58, 38, 28)]


def textured(colour: tuple[int, int, int], size: tuple[int, int] = (400, 300)) -> Image.Image:
    """A surface of this colour with grain."""
    noise = Image.frombytes("RGB", size, random.Random(1).randbytes(3 * size[0] * size[1]))
    return Image.blend(Image.new("RGB", size, colour), noise, 0.1)


def page() -> Image.Image:
    """Black lines on white paper."""
    sheet = Image.new("L", (400, 300), 240)
    pen = ImageDraw.Draw(sheet)
    for line in range(20, 290, 14):
        pen.line((30, line, 370, line), fill=20, width=2)
    return sheet


@pytest.mark.parametrize(
    "picture",
    [
        textured((40, 70, 160)),
        textured((60, 130, 50)),
        textured((128, 128, 128)).convert("L"),
        page(),
        textured((200, 205, 235)),
    ],
    ids=["blue cloth", "grass", "grey wall", "printed page", "sky"],
)
def test_a_picture_without_skin_is_said_to_show_none(picture: Image.Image) -> None:
    assert "no_skin" in image_quality(picture).issues


@pytest.mark.parametrize("colour", SKINS)
def test_skin_of_every_tone_is_seen(colour: tuple[int, int, int]) -> None:
    assert not shows_no_skin(textured(colour))


@pytest.mark.parametrize("colour", SKINS)
def test_a_little_skin_beside_cloth_is_enough(colour: tuple[int, int, int]) -> None:
    picture = textured((40, 70, 160))
    picture.paste(textured(colour, (60, 60)), (150, 100))
    assert not shows_no_skin(picture)


def test_a_grey_photograph_with_many_shades_is_not_judged_by_its_colour() -> None:
    assert not shows_no_skin(Image.linear_gradient("L"))


def test_missing_skin_alone_leaves_a_photograph_gradable() -> None:
    quality = image_quality(textured((40, 70, 160)))
    assert (quality.gradable, quality.issues) == (True, ("no_skin",))

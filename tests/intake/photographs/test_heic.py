"""HEIC is decoded and kept as PNG: upright, pixel for pixel, without its metadata."""

from io import BytesIO

import pytest
from PIL import Image

from intake.photographs import Photograph, Refused, read_photograph
from tests.intake.photographs.heic_file import SIDE, heic_file

# Studio-range luma from 16 to 235, another in every place, so that a turn shows.
GREY = [[16 + (row * 3 + column // 2) % 219 for column in range(SIDE)] for row in range(SIDE)]
MARK = b"CANARY-of-a-patient"


def kept(**how: int) -> tuple[Photograph, Image.Image]:
    found = read_photograph(heic_file(GREY, exif=MARK, **how), 50_000_000)
    return found, Image.open(BytesIO(found.data)).convert("L")


def test_heic_is_kept_as_png_with_its_pixels() -> None:
    found, picture = kept()
    assert (found.content_type, found.width, found.height) == ("image/png", SIDE, SIDE)
    assert picture.getpixel((0, 0)) != picture.getpixel((SIDE - 1, SIDE - 1))
    for row, column in ((0, 0), (5, 40), (63, 63), (30, 17)):
        full_range = (GREY[row][column] - 16) * 255 / 219
        either = (GREY[row][column], full_range)
        shown = picture.getpixel((column, row))
        assert any(abs(shown - value) <= 2 for value in either), (row, column, shown, either)


def test_its_metadata_is_gone() -> None:
    assert MARK in heic_file(GREY, exif=MARK)
    assert MARK not in kept()[0].data


def test_it_is_turned_upright_once() -> None:
    (_, straight), (turned, picture) = kept(), kept(quarter_turns=1)
    assert turned.orientation == 1
    assert picture.tobytes() == straight.transpose(Image.Transpose.ROTATE_90).tobytes()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_heic_is_refused(share: float) -> None:
    data = heic_file(GREY)
    with pytest.raises(Refused):
        read_photograph(data[: int(len(data) * share)], 50_000_000)


def test_the_limit_of_pixels_counts_before_decoding() -> None:
    with pytest.raises(Refused, match="million pixels"):
        read_photograph(heic_file(GREY), SIDE * SIDE - 1)

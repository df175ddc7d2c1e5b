"""Photographs reach the model decoded, upright, in RGB, bounded in size; a broken one is its case's fault."""

from io import BytesIO

import pytest
from PIL import Image, ImageOps

from tests.vlm.drawn import photograph
from tests.worker.conftest import drawn_jpeg
from worker.loading import Unreadable, decode


def png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_undone_as_pillow_does_it(orientation: int) -> None:
    image = photograph(1, (40, 30))
    exif = Image.Exif()
    exif[0x0112] = orientation
    tagged = BytesIO()
    image.save(tagged, "PNG", exif=exif)
    expected = ImageOps.exif_transpose(Image.open(tagged))
    assert expected is not None
    assert decode(png(image), orientation, 2048).tobytes() == expected.tobytes()


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    file = BytesIO()
    photograph(1).convert(mode).save(file, "TIFF")
    assert decode(file.getvalue(), 1, 2048).mode == "RGB"


def test_a_large_photograph_is_reduced_and_keeps_its_shape() -> None:
    decoded = decode(drawn_jpeg(1, (3000, 1500)), 6, longest_side=512)
    assert decoded.size == (256, 512)


def test_a_small_photograph_is_not_touched() -> None:
    data = drawn_jpeg(1)
    assert decode(data, 1, 2048).tobytes() == Image.open(BytesIO(data)).tobytes()


@pytest.mark.parametrize("data", [b"", b"no photograph", drawn_jpeg(1, (600, 400))[:-4000]])
def test_what_is_no_whole_photograph_cannot_be_read(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(data, 1, 2048)

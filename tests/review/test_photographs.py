"""A photograph is shown upright whatever its orientation, and unchanged where it is upright already."""

import io
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from db.ids import new_id
from db.image_store import ImageStore, content_hash
from db.models import Image
from review.photographs import shown

ORIENTATION = 0x0112


def picture(kind: str) -> bytes:
    """A drawn picture without symmetry: 48 x 32, each quarter in its own colour."""
    drawn = Pillow.new("RGB", (48, 32), "white")
    for box, colour in (((0, 0, 24, 16), "red"), ((24, 0, 48, 16), "green"), ((0, 16, 24, 32), "blue")):
        drawn.paste(colour, box)
    out = io.BytesIO()
    drawn.save(out, kind, quality=95, subsampling=0) if kind == "JPEG" else drawn.save(out, kind)
    return out.getvalue()


def stored(store: ImageStore, data: bytes, content_type: str, orientation: int) -> Image:
    image = Image(
        platform_id=new_id(), sha256=content_hash(data), content_type=content_type, orientation=orientation
    )
    store.put(image.platform_id, image.sha256, data)
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_as_viewers_turn_it(tmp_path: Path, orientation: int) -> None:
    store, data = ImageStore(tmp_path.as_uri()), picture("JPEG")
    expected = Pillow.open(io.BytesIO(data))
    expected.getexif()[ORIENTATION] = orientation
    upright = ImageOps.exif_transpose(expected)

    sent, content_type = shown(store, stored(store, data, "image/jpeg", orientation))
    with Pillow.open(io.BytesIO(sent)) as seen:
        assert (content_type, seen.size) == ("image/jpeg", upright.size)
        for x, y in ((4, 4), (seen.width - 5, 4), (4, seen.height - 5)):
            pair = zip(seen.getpixel((x, y)), upright.getpixel((x, y)), strict=True)  # type: ignore[arg-type]
            assert all(abs(a - b) < 12 for a, b in pair)
        assert not seen.getexif()


@pytest.mark.parametrize(
    ("kind", "content_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_an_upright_one_is_sent_byte_for_byte(tmp_path: Path, kind: str, content_type: str) -> None:
    store, data = ImageStore(tmp_path.as_uri()), picture(kind)
    assert shown(store, stored(store, data, content_type, 1)) == (data, content_type)

"""A photograph is served upright: byte for byte as stored where it is, turned where it is not."""

from io import BytesIO

import pytest
from PIL import Image, ImageOps

from db.orientation import TURNS
from tests.intake.conftest import PlatformClient
from tests.intake.pictures import drawing, encoded, jpeg, pixels


def test_an_upright_photograph_is_served_as_it_came_and_not_cached(clinic: PlatformClient) -> None:
    sent = jpeg()
    address = clinic.submit(images=[sent]).json["links"]["images"][0]
    response = clinic.get(address)
    assert (response.status_code, response.content_type) == (200, "image/jpeg")
    assert pixels(response.data) == pixels(sent)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("orientation", [1, *TURNS])
def test_a_turned_photograph_is_served_as_it_was_meant_to_be_seen(
    clinic: PlatformClient, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    sent = encoded(drawing(), "PNG", exif=exif.tobytes())
    with Image.open(BytesIO(sent)) as picture:
        meant = ImageOps.exif_transpose(picture)
    address = clinic.submit(images=[sent]).json["links"]["images"][0]
    response = clinic.get(address)
    with Image.open(BytesIO(response.data)) as served:
        assert served.size == meant.size
        assert served.convert("RGB").tobytes() == meant.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_turned_photograph_keeps_its_format(clinic: PlatformClient, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    address = clinic.submit(images=[encoded(drawing(), kind, exif=exif.tobytes())]).json["links"]["images"][0]
    with Image.open(BytesIO(clinic.get(address).data)) as served:
        assert (served.format, served.size) == (kind, (64, 96))
        assert not served.getexif()


@pytest.mark.parametrize("number", ["1", "99999999999999999999", "-1", "x"])
def test_a_photograph_that_is_not_there_is_404(clinic: PlatformClient, number: str) -> None:
    case = clinic.submit().json["links"]["self"]
    assert clinic.get(f"{case}/images/{number}").status_code == 404

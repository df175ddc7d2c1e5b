"""Photographs drawn by code, in the formats and states that intake meets."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw


def drawing(size: tuple[int, int] = (96, 64), seed: int = 0) -> Image.Image:
    """A picture with edges and gradients; another seed is another picture. Not symmetric in any way."""
    picture = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (picture, picture.transpose(Image.Transpose.ROTATE_180), picture))
    pen = ImageDraw.Draw(picture)
    width, height = size
    pen.rectangle((0, 0, width // 4, height // 6), fill=(200, 30, seed % 256))
    pen.ellipse((width // 2, height // 3, width - 4, height - 4), fill=(120, (seed * 7) % 256, 60))
    return picture


def encoded(picture: Image.Image | None = None, kind: str = "JPEG", **how: Any) -> bytes:
    """The picture as a file."""
    out = BytesIO()
    (picture or drawing()).save(out, kind, **how)
    return out.getvalue()


def jpeg(seed: int = 0, **how: Any) -> bytes:
    """A JPEG; another seed gives other bytes."""
    return encoded(drawing(seed=seed), "JPEG", **how)


def jpeg_with_gps(orientation: int = 1) -> bytes:
    """A JPEG as a telephone writes it: EXIF with place, device and a thumbnail, XMP, a comment."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CanaryPhone"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>canary</x:xmpmeta>"
    return encoded(kind="JPEG", exif=exif.tobytes(), xmp=xmp, comment=b"canary comment", quality=90)


def pixels(data: bytes) -> bytes:
    """What a decoder sees."""
    with Image.open(BytesIO(data)) as picture:
        return picture.convert("RGBA").tobytes()

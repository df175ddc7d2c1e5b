"""Turns a stored photograph upright when it is served.

An upright one is served byte for byte. Another is turned and encoded again at high quality, for the eye only:
what is stored stays as it came, and models turn the pixels themselves.
"""

from io import BytesIO
from typing import Any

from PIL import Image

from db.orientation import TURNS, turned_upright

QUALITY: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95},
    "PNG": {"compress_level": 1},
}


def upright(data: bytes, orientation: int) -> bytes:
    """The photograph as it was meant to be seen, in the same format."""
    if orientation not in TURNS:
        return data
    with Image.open(BytesIO(data)) as picture:
        kind = picture.format or "PNG"
        turned = turned_upright(picture, orientation)
        profile = picture.info.get("icc_profile")
    out = BytesIO()
    turned.save(out, kind, icc_profile=profile, **QUALITY[kind])
    return out.getvalue()

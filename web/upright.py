"""Turns a stored photograph upright when it is served.

An upright one is served byte for byte. Another is turned and encoded again at high quality, for the eye only:
what is stored stays as it came, and models turn the pixels themselves.
"""

from io import BytesIO
from typing import Any

from PIL import Image

Turn = Image.Transpose

# What undoes each orientation of EXIF (CIPA DC-008, tag 0x0112).
TURNS = {
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_270,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_90,
}
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
        turned = picture.transpose(TURNS[orientation])
        profile = picture.info.get("icc_profile")
    out = BytesIO()
    turned.save(out, kind, icc_profile=profile, **QUALITY[kind])
    return out.getvalue()

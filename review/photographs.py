"""A photograph as a clinician sees it: upright. The stored bytes stay as they are."""

import io

from PIL import Image as Pillow

from db.image_store import ImageStore
from db.models import Image

# What every browser draws; anything else is drawn anew as JPEG.
SHOWN_AS_STORED = ("image/jpeg", "image/png", "image/webp")
QUALITY = 95

# EXIF orientation to what makes it upright; 1 is upright already.
TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}


def shown(store: ImageStore, image: Image) -> tuple[bytes, str]:
    """The bytes and media type to send. Raises FileNotFoundError when the photograph is gone.

    An upright photograph is sent as stored, without a second loss.
    """
    data = store.get(image.platform_id, image.sha256)
    if image.orientation == 1 and image.content_type in SHOWN_AS_STORED:
        return data, image.content_type
    return _upright(data, image.orientation), "image/jpeg"


def _upright(data: bytes, orientation: int) -> bytes:
    from pi_heif import register_heif_opener

    register_heif_opener()
    with Pillow.open(io.BytesIO(data)) as opened:
        profile = opened.info.get("icc_profile")
        picture = opened.convert("RGB")
    if orientation in TURNS:
        picture = picture.transpose(TURNS[orientation])
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, subsampling=0, icc_profile=profile)
    return out.getvalue()

"""A photograph as a clinician sees it: upright. The stored bytes stay as they are."""

import io

from PIL import Image as Pillow

from db.image_store import ImageStore
from db.models import Image

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

    An upright photograph is sent as stored, without a second loss; another one is turned and sent as JPEG.
    """
    data = store.get(image.platform_id, image.sha256)
    if image.orientation not in TURNS:
        return data, image.content_type
    with Pillow.open(io.BytesIO(data)) as opened:
        # A profile of other colours than RGB would be wrong once they are converted.
        profile = opened.info.get("icc_profile") if opened.mode == "RGB" else None
        turned = opened.convert("RGB").transpose(TURNS[image.orientation])
    out = io.BytesIO()
    turned.save(out, "JPEG", quality=QUALITY, subsampling=0, icc_profile=profile)
    return out.getvalue(), "image/jpeg"

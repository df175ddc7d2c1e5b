"""A photograph as a clinician sees it: upright. The stored bytes stay as they are."""

from db.image_store import ImageStore
from db.models import Image
from web.upright import upright


def shown(store: ImageStore, image: Image) -> tuple[bytes, str]:
    """The bytes and media type to send. Raises FileNotFoundError when the photograph is gone."""
    return upright(store.get(image.platform_id, image.sha256), image.orientation), image.content_type

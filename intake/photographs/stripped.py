"""A picture without its metadata."""

from dataclasses import dataclass
from typing import Literal

ContentType = Literal["image/jpeg", "image/png", "image/webp"]


@dataclass(frozen=True, slots=True)
class Stripped:
    """The picture as it will be stored. Width and height in pixels before `orientation` (EXIF 1 to 8)."""

    content_type: ContentType
    data: bytes
    width: int
    height: int
    orientation: int = 1

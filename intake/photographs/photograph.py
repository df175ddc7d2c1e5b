"""From the bytes of a file to a photograph that is proved whole and free of metadata."""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image

from intake.photographs.heic import is_heic, strip_heic
from intake.photographs.jpeg import strip_jpeg
from intake.photographs.png import SIGNATURE, strip_png
from intake.photographs.refused import RETAKE, Refused, animated, truncated
from intake.photographs.stripped import ContentType, Stripped
from intake.photographs.webp import strip_webp

FORMATS: dict[ContentType, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
METADATA = frozenset(("exif", "xmp", "comment", "photoshop", "mp", "Raw profile type exif"))
METADATA_MARKS = (b"Exif\x00\x00", b"ns.adobe.com/xap", b"x:xmpmeta")


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph as stored: `sha256` is that of `data`; width and height are before `orientation`."""

    content_type: ContentType
    data: bytes
    sha256: str
    width: int
    height: int
    orientation: int


def read_photograph(data: bytes, max_pixels: int) -> Photograph:
    """Check, strip and prove a photograph. Its type is that of its content, whatever its name says.

    Raises Refused for all that is not a whole, still JPEG, PNG, WebP or HEIC of at most `max_pixels`.
    """
    stripped = _stripped(data, max_pixels)
    if stripped.width * stripped.height > max_pixels:
        raise Refused(
            f"The photograph has more than {max_pixels // 1_000_000} million pixels.",
            "Send it smaller, as an ordinary camera takes it.",
        )
    _prove_whole_and_bare(stripped)
    return Photograph(
        stripped.content_type,
        stripped.data,
        sha256(stripped.data).hexdigest(),
        stripped.width,
        stripped.height,
        stripped.orientation,
    )


def _stripped(data: bytes, max_pixels: int) -> Stripped:
    if data.startswith(b"\xff\xd8\xff"):
        return strip_jpeg(data)
    if data.startswith(SIGNATURE):
        return strip_png(data, max_pixels)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return strip_webp(data)
    if is_heic(data):
        return strip_heic(data, max_pixels)
    raise _other_kind(data)


def _other_kind(data: bytes) -> Refused:
    if not data:
        return Refused("The file is empty.", RETAKE)
    if data.startswith(b"GIF8"):
        return animated()
    if b"<svg" in data[:4096].lower():
        return Refused("The file is a drawing (SVG), not a photograph.", RETAKE)
    return Refused("The file is not a photograph of a kind that is read here.", RETAKE)


def _prove_whole_and_bare(stripped: Stripped) -> None:
    """Decode what will be stored, once. A JPEG at an eighth: fast, and truncation still shows."""
    if any(mark in stripped.data for mark in METADATA_MARKS):
        raise Refused("The file hides metadata in its picture.")
    try:
        with Image.open(BytesIO(stripped.data), formats=[FORMATS[stripped.content_type]]) as picture:
            if stripped.content_type == "image/jpeg":
                picture.draft(None, (max(1, stripped.width // 8), max(1, stripped.height // 8)))
            picture.load()
            whole = getattr(picture, "n_frames", 1) == 1 and not METADATA & picture.info.keys()
    except Exception:  # noqa: BLE001 - decoders raise anything for hostile bytes; none of it is accepted
        raise truncated() from None
    if not whole:
        raise Refused("The file holds more than one still picture.")

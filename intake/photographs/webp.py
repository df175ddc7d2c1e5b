"""Takes a WebP apart by its RIFF chunks and keeps the picture, its alpha and a plausible colour profile.

EXIF, XMP and every unknown chunk are dropped with their flags, and all behind the end: lossless.
Source of the structure: the WebP container specification.
"""

from collections.abc import Iterator

from intake.photographs.colour_profile import is_plausible
from intake.photographs.orientation import orientation_of
from intake.photographs.refused import animated, broken, truncated
from intake.photographs.stripped import Stripped

PICTURES = (b"VP8 ", b"VP8L")
ANIMATED_FLAG, ALPHA_FLAG, PROFILE_FLAG = 0x02, 0x10, 0x20


def strip_webp(data: bytes) -> Stripped:
    """A still WebP without metadata, bit for bit the same picture data. Raises Refused."""
    chunks = dict(_chunks(data))
    if any(name in chunks for name in (b"ANIM", b"ANMF")):
        raise animated()
    pictures = [name for name in PICTURES if name in chunks]
    if len(pictures) != 1:
        raise broken()
    picture = pictures[0]
    size = _size_of_picture(picture, chunks[picture])
    kept: list[tuple[bytes, bytes]] = []
    if b"VP8X" in chunks:
        header, size = _extended(chunks)
        kept.append((b"VP8X", header))
        if header[0] & PROFILE_FLAG:
            kept.append((b"ICCP", chunks[b"ICCP"]))
        if b"ALPH" in chunks and picture == b"VP8 ":
            kept.append((b"ALPH", chunks[b"ALPH"]))
    kept.append((picture, chunks[picture]))
    exif = chunks.get(b"EXIF", b"").removeprefix(b"Exif\x00\x00")
    return Stripped("image/webp", _riff(kept), *size, orientation_of(exif))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = 8 + int.from_bytes(data[4:8], "little")
    if len(data) < end:
        raise truncated()
    seen: set[bytes] = set()
    position = 12
    while position < end:
        name, start = data[position : position + 4], position + 8
        stop = start + int.from_bytes(data[position + 4 : start], "little")
        if stop > end:
            raise truncated()
        # Only the first of a name counts for EXIF; a second picture is one too many.
        if name in seen and name in (*PICTURES, b"VP8X", b"ALPH"):
            raise broken()
        if name not in seen:
            yield name, data[start:stop]
        seen.add(name)
        position = stop + (stop & 1)


def _extended(chunks: dict[bytes, bytes]) -> tuple[bytes, tuple[int, int]]:
    header = chunks[b"VP8X"]
    if len(header) != 10:
        raise broken()
    if header[0] & ANIMATED_FLAG:
        raise animated()
    flags = header[0] & ALPHA_FLAG
    if is_plausible(chunks.get(b"ICCP", b"")):
        flags |= PROFILE_FLAG
    width, height = (1 + int.from_bytes(header[at : at + 3], "little") for at in (4, 7))
    return bytes((flags, 0, 0, 0)) + header[4:], (width, height)


def _size_of_picture(name: bytes, payload: bytes) -> tuple[int, int]:
    if len(payload) < 10:
        raise broken()
    if name == b"VP8L":
        bits = int.from_bytes(payload[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = (int.from_bytes(payload[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return width, height


def _riff(chunks: list[tuple[bytes, bytes]]) -> bytes:
    parts = [b"WEBP"]
    for name, payload in chunks:
        parts += [name, len(payload).to_bytes(4, "little"), payload, b"\x00" * (len(payload) & 1)]
    body = b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body

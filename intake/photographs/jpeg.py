"""Takes a JPEG apart by its segments and keeps only those that decoding needs: lossless.

Kept: quantisation and Huffman tables, frame and scan headers, restart intervals, the scans, JFIF without
its thumbnail, Adobe's colour transform, a plausible ICC profile. Dropped: EXIF, XMP, IPTC, JFXX, comments
and every other application segment, and all behind the end marker (the further pictures of an MPO too).
Anything else is refused. Source of the structure: ITU-T T.81, annex B; JFIF 1.02.
"""

import re
from dataclasses import dataclass, field
from itertools import count

from intake.photographs.colour_profile import is_plausible
from intake.photographs.orientation import orientation_of
from intake.photographs.refused import Refused, broken, truncated
from intake.photographs.stripped import Stripped

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
# Baseline, extended and progressive Huffman: what cameras write. Lossless and arithmetic ones are refused.
FRAMES = frozenset((0xC0, 0xC1, 0xC2))
TABLES = frozenset((0xC4, 0xDB, 0xDD))
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
DROPPED = frozenset((*range(0xE1, 0xF0), 0xFE)) - {APP1, APP2, APP14}

JFIF, EXIF, ICC, ADOBE = b"JFIF\x00", b"Exif\x00\x00", b"ICC_PROFILE\x00", b"Adobe"

# In scan data FF is followed by 00 (a stuffed byte) or a restart marker; anything else ends the scan.
_END_OF_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


@dataclass(slots=True)
class _Walk:
    head: list[bytes] = field(default_factory=list)
    body: list[bytes | memoryview] = field(default_factory=list)
    profile: dict[int, bytes] = field(default_factory=dict)
    orientation: int | None = None
    size: tuple[int, int] | None = None
    scans: int = 0


def strip_jpeg(data: bytes) -> Stripped:
    """The first picture of a JPEG or MPO file without metadata, bit for bit the same pixels.

    Raises Refused.
    """
    walk = _Walk()
    position = 2
    view = memoryview(data)
    while True:
        marker, position = _marker(data, position)
        if marker == EOI:
            break
        length = int.from_bytes(data[position : position + 2], "big")
        end = position + length
        if len(data) < end:
            raise truncated()
        if length < 2:
            raise broken()
        _take(walk, marker, data[position + 2 : end])
        if marker == SOS:
            end = _end_of_scan(data, end, view, walk)
        position = end
    return _assembled(walk)


def _marker(data: bytes, position: int) -> tuple[int, int]:
    if position + 2 > len(data):
        raise truncated()
    if data[position] != 0xFF:
        raise broken()
    # Any number of fill bytes may stand before a marker.
    for at in count(position + 1):
        if at >= len(data):
            raise truncated()
        if data[at] != 0xFF:
            return data[at], at + 1
    raise AssertionError


def _take(walk: _Walk, marker: int, payload: bytes) -> None:
    if marker in TABLES or marker == SOS:
        walk.body.append(_segment(marker, payload))
    elif marker in FRAMES:
        _take_frame(walk, marker, payload)
    elif marker == APP0:
        if payload.startswith(JFIF) and len(payload) >= 14 and not walk.head:
            walk.head.append(_segment(APP0, payload[:12] + b"\x00\x00"))
    elif marker == APP1:
        if payload.startswith(EXIF) and walk.orientation is None:
            walk.orientation = orientation_of(payload[6:])
    elif marker == APP2:
        if payload.startswith(ICC) and len(payload) > 14:
            walk.profile.setdefault(payload[12], payload[14:])
    elif marker == APP14:
        if payload.startswith(ADOBE) and len(payload) >= 12:
            walk.body.append(_segment(APP14, payload[:12]))
    elif marker not in DROPPED:
        raise Refused("The file is a JPEG of a kind that cameras do not write.")


def _take_frame(walk: _Walk, marker: int, payload: bytes) -> None:
    if walk.size is not None or len(payload) < 6:
        raise broken()
    height, width = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    if not width or not height:
        raise broken()
    walk.size = (width, height)
    walk.body.append(_segment(marker, payload))


def _end_of_scan(data: bytes, start: int, view: memoryview, walk: _Walk) -> int:
    found = _END_OF_SCAN.search(data, start)
    if found is None:
        raise truncated()
    walk.scans += 1
    walk.body.append(view[start : found.start()])
    return found.start()


def _segment(marker: int, payload: bytes) -> bytes:
    return b"\xff%c%b%b" % (marker, (len(payload) + 2).to_bytes(2, "big"), payload)


def _assembled(walk: _Walk) -> Stripped:
    if walk.size is None or not walk.scans:
        raise broken()
    width, height = walk.size
    parts = (b"\xff\xd8", *walk.head, *_profile_segments(walk.profile), *walk.body, b"\xff\xd9")
    return Stripped("image/jpeg", b"".join(parts), width, height, walk.orientation or 1)


def _profile_segments(chunks: dict[int, bytes]) -> list[bytes]:
    profile = b"".join(chunks[number] for number in sorted(chunks))
    if sorted(chunks) != list(range(1, len(chunks) + 1)) or not is_plausible(profile):
        return []
    total = len(chunks)
    return [_segment(APP2, ICC + bytes((number, total)) + chunks[number]) for number in sorted(chunks)]

"""Takes a PNG apart by its chunks and keeps those that decide how the pixels look: lossless.

Text, EXIF, times, suggested palettes and every other chunk are dropped, and all behind the end. The image
data is inflated once, so that nothing hides behind its end and no bomb reaches the decoder. Source of the
structure: the PNG specification, third edition.
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from intake.photographs.colour_profile import MAX_PROFILE_BYTES, is_plausible
from intake.photographs.orientation import orientation_of
from intake.photographs.refused import Refused, animated, broken, truncated
from intake.photographs.stripped import Stripped

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Chunks that say how numbers become colours, with the size of their numbers and the greatest plausible one:
# what is greater was not meant as a number, but to hide something.
COLOUR = {
    b"gAMA": (4, 1_000_000),
    b"cHRM": (4, 200_000),
    b"sRGB": (1, 3),
    b"sBIT": (1, 16),
    b"cICP": (1, 255),
}
LENGTHS = {b"gAMA": (4,), b"cHRM": (32,), b"sRGB": (1,), b"sBIT": (1, 2, 3, 4), b"cICP": (4,)}
# Transparency of grey and true colour: one colour. Of a palette: a value an entry. Else it has no meaning.
TRANSPARENCY = {0: (2,), 2: (6,), 3: range(1, 257)}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: first column and row, steps between columns and rows, of the seven passes.
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
PIECE = 1 << 20
# A chunk whose name begins with a capital is needed to read the picture.
CASE_BIT = 0x20


class Header(NamedTuple):
    """What the first chunk says of the picture."""

    width: int
    height: int
    bits: int
    colour: int
    interlaced: int

    def inflated_size(self) -> int:
        """Bytes of the image data when inflated: each row with its filter byte."""
        passes = PASSES if self.interlaced else ((0, 0, 1, 1),)
        total = 0
        for left, top, across, down in passes:
            columns, rows = -(-(self.width - left) // across), -(-(self.height - top) // down)
            if columns > 0 and rows > 0:
                total += rows * (1 + (columns * CHANNELS[self.colour] * self.bits + 7) // 8)
        return total


def strip_png(data: bytes, max_pixels: int) -> Stripped:
    """A still PNG without metadata, bit for bit the same image data. Raises Refused.

    `max_pixels` bounds what is inflated; the caller refuses larger pictures in its own words.
    """
    chunks = _chunks(data)
    header = _header(*next(chunks))
    kept: dict[bytes, bytes] = {}
    image_data, orientation = [], 1
    for name, payload in chunks:
        if name == b"acTL":
            raise animated()
        if name == b"IDAT":
            image_data.append(payload)
        elif name == b"eXIf":
            orientation = orientation_of(payload)
        elif name == b"PLTE" and not image_data and name not in kept and len(payload) <= 768:
            kept[name] = payload
        elif not name[0] & CASE_BIT:
            raise broken()
        elif not image_data and name not in kept:
            kept |= _kept(name, payload, header)
    if header.width * header.height <= max_pixels:
        _check_image_data(image_data, header.inflated_size())
    first = _chunk(b"IHDR", data[16:29])
    before = (_chunk(name, payload) for name, payload in kept.items())
    parts = (SIGNATURE, first, *before, *(_chunk(b"IDAT", part) for part in image_data), _chunk(b"IEND", b""))
    return Stripped("image/png", b"".join(parts), header.width, header.height, orientation)


def _kept(name: bytes, payload: bytes, header: Header) -> dict[bytes, bytes]:
    """What is kept of a chunk that decoding could do without."""
    if name == b"iCCP":
        return _profile(payload)
    if name == b"tRNS":
        return {name: payload} if len(payload) in TRANSPARENCY.get(header.colour, ()) else {}
    if len(payload) not in LENGTHS.get(name, ()):
        return {}
    size, greatest = COLOUR[name]
    numbers = (int.from_bytes(payload[at : at + size], "big") for at in range(0, len(payload), size))
    return {name: payload} if all(number <= greatest for number in numbers) else {}


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every chunk up to and without the last one, its checksum proved."""
    position = len(SIGNATURE)
    while True:
        start = position + 8
        stop = start + int.from_bytes(data[position : position + 4], "big")
        if stop + 4 > len(data):
            raise truncated()
        if zlib.crc32(data[position + 4 : stop]) != int.from_bytes(data[stop : stop + 4], "big"):
            raise broken()
        name = data[position + 4 : start]
        if name == b"IEND":
            return
        yield name, data[start:stop]
        position = stop + 4


def _header(name: bytes, payload: bytes) -> Header:
    if name != b"IHDR" or len(payload) != 13:
        raise broken()
    width, height = int.from_bytes(payload[:4], "big"), int.from_bytes(payload[4:8], "big")
    bits, colour, compression, filtering, interlaced = payload[8:]
    if not width or not height or colour not in CHANNELS or compression or filtering or interlaced > 1:
        raise broken()
    return Header(width, height, bits, colour, interlaced)


def _check_image_data(parts: list[bytes], expected: int) -> None:
    inflate = zlib.decompressobj()
    total = 0
    try:
        for part in parts:
            while part:
                total += len(inflate.decompress(part, PIECE))
                part = inflate.unconsumed_tail
                if total > expected or inflate.unused_data:
                    raise Refused("The file hides data behind its picture.")
        while piece := inflate.flush(PIECE):
            total += len(piece)
    except zlib.error:
        raise broken() from None
    if total != expected or not inflate.eof or inflate.unused_data:
        raise truncated()


def _profile(payload: bytes) -> dict[bytes, bytes]:
    """The colour profile under a neutral name, compressed anew: its name could be a person's."""
    _, _, compressed = payload.partition(b"\x00")
    try:
        profile = zlib.decompressobj().decompress(compressed[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return {}
    return {b"iCCP": b"icc\x00\x00" + zlib.compress(profile)} if is_plausible(profile) else {}


def _chunk(name: bytes, payload: bytes) -> bytes:
    body = name + payload
    return len(payload).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

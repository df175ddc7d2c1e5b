"""Reads the one thing of EXIF that is needed to see a photograph upright, and nothing else.

EXIF is a TIFF structure: a byte order, the place of a directory, its entries of 12 bytes.
"""

import struct

ORIENTATION_TAG = 0x0112
SHORT = 3


def orientation_of(exif: bytes) -> int:
    """The orientation, 1 to 8, of an EXIF block that begins with its byte order.

    1 (upright) where it says nothing or cannot be read: viewers do the same.
    """
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, start)
        for number in range(entries):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, start + 2 + 12 * number)
            if tag == ORIENTATION_TAG:
                return value if kind == SHORT and 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1

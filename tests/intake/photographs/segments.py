"""Writes what hostile or careless files hold: injected segments and chunks of any kind."""

import zlib


def jpeg_segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload


def with_jpeg_segments(jpeg: bytes, segments: list[tuple[int, bytes]]) -> bytes:
    """The file with segments put before its first own one."""
    return jpeg[:2] + b"".join(jpeg_segment(*segment) for segment in segments) + jpeg[2:]


def jpeg_segments(jpeg: bytes) -> list[tuple[int, bytes]]:
    """The segments before the first scan, read by another walk than the one under test."""
    found, position = [], 2
    while jpeg[position + 1] != 0xDA:
        length = int.from_bytes(jpeg[position + 2 : position + 4], "big")
        found.append((jpeg[position + 1], jpeg[position + 4 : position + 2 + length]))
        position += 2 + length
    return found


def png_chunk(name: bytes, payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + name + payload + zlib.crc32(name + payload).to_bytes(4, "big")


def with_png_chunks(png: bytes, chunks: list[tuple[bytes, bytes]], at: int = 33) -> bytes:
    """The file with chunks put at a place; 33 is behind the header."""
    return png[:at] + b"".join(png_chunk(*chunk) for chunk in chunks) + png[at:]


def riff_chunk(name: bytes, payload: bytes) -> bytes:
    return name + len(payload).to_bytes(4, "little") + payload + b"\x00" * (len(payload) & 1)


def with_riff_chunks(webp: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    """The file with chunks put at its end, inside the RIFF."""
    body = webp[8:] + b"".join(riff_chunk(*chunk) for chunk in chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def icc_profile(text: bytes = b"") -> bytes:
    """The smallest thing that says of itself that it is a colour profile."""
    size = 132 + len(text)
    return size.to_bytes(4, "big") + b"\x00" * 32 + b"acsp" + b"\x00" * 92 + text

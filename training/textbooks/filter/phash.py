"""Perceptual hashes (pHash): near pictures have near hashes, whatever their size and compression."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

SIDE = 32
LOW = 8
TONES = 4


def phash(picture: Image.Image) -> str:
    """64 bits in hex: which of the 8 x 8 lowest frequencies lie above their median."""
    grey = np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS), dtype=np.float64)
    lowest = dctn(grey, type=2)[:LOW, :LOW]
    bits = (lowest > np.median(lowest)).ravel()
    return np.packbits(bits).tobytes().hex()


def tones(picture: Image.Image) -> str:
    """4 x 4 mean colours in hex: pictures with near hashes and other colours are not the same."""
    small = picture.resize((TONES, TONES), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.uint8).tobytes().hex()


def as_number(hashed: str) -> int:
    """The hash as an unsigned number of 64 bits."""
    return int(hashed, 16)


def tones_differ(one: str, other: str) -> float:
    """The mean difference between the colours of two pictures, 0 to 255."""
    here, there = (_bytes(text) for text in (one, other))
    return float(np.abs(here.astype(np.int16) - there.astype(np.int16)).mean())


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(bytes.fromhex(text), dtype=np.uint8)

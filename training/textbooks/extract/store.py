"""Picture files named by their content: written whole, once, however many pages show them."""

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

FIGURES = "figures"
_NAME = 24  # hex digits of the hash that make a file's name


@dataclass(frozen=True)
class Stored:
    """A picture's file, relative to the book's folder, with the hash of its bytes."""

    file: str
    sha256: str


def stored(folder: Path, content: bytes, suffix: str) -> Stored:
    """Keep these bytes as they are."""
    digest = hashlib.sha256(content).hexdigest()
    name = f"{FIGURES}/{digest[:_NAME]}.{suffix}"
    file = folder / name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        passing = file.with_name(f".{file.name}.{os.getpid()}.part")
        passing.write_bytes(content)
        passing.replace(file)
    return Stored(name, digest)


def stored_image(folder: Path, image: Image.Image) -> Stored:
    """Keep pixels without loss, as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=4)
    return stored(folder, buffer.getvalue(), "png")


def without_leftovers(folder: Path) -> None:
    """Remove what a killed run was just writing."""
    for leftover in (folder / FIGURES).glob(".*.part"):
        leftover.unlink()

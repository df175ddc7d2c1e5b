"""Drawn photographs with texture, manifests of them, and the ways in which copies are disguised."""

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

COLUMNS = ("file", "class", "split", "group")
TURN = Image.Transpose


def photograph(seed: int, size: tuple[int, int] = (200, 160)) -> Image.Image:
    """Skin with shading, grain and spots; another seed is another picture."""
    chance, noise = random.Random(seed), np.random.default_rng(seed)
    tone = np.array([chance.randint(140, 220), chance.randint(100, 170), chance.randint(80, 150)])
    coarse = Image.fromarray(noise.integers(0, 256, (9, 11), dtype=np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    shade = np.asarray(coarse, dtype=np.float64)[..., None] / 255 * 50 - 25
    grain = noise.normal(0, 9, (size[1], size[0], 3))
    image = Image.fromarray(np.clip(tone + shade + grain, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(chance.randint(4, 12)):
        x, y, r = chance.randint(0, size[0]), chance.randint(0, size[1]), chance.randint(4, 22)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(chance.randint(90, 190), chance.randint(20, 90), 60))
    return image


def cropped(image: Image.Image, share: float, across: float, down: float) -> Image.Image:
    """Keep `share` of each side; the rest is cut off by the shares `across` left and `down` above."""
    width, height = round(image.width * share), round(image.height * share)
    left, top = round((image.width - width) * across), round((image.height - height) * down)
    return image.crop((left, top, left + width, top + height))


def saved_as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    """What is left after JPEG."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream)


# 0.8 of each side, and 0.8 of the area: 0.8 ** 0.5 of each side.
DISGUISES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved anew": lambda image: saved_as_jpeg(image, 60),
    "smaller": lambda image: image.resize((110, 88)),
    "squeezed": lambda image: image.resize((150, 150)),
    "flipped": lambda image: image.transpose(TURN.FLIP_LEFT_RIGHT),
    "upside down": lambda image: image.transpose(TURN.FLIP_TOP_BOTTOM),
    "turned by 90": lambda image: image.transpose(TURN.ROTATE_90),
    "turned by 180": lambda image: image.transpose(TURN.ROTATE_180),
    "turned by 270": lambda image: image.transpose(TURN.ROTATE_270),
    "flipped and turned": lambda image: image.transpose(TURN.TRANSVERSE),
    "cropped in the corner": lambda image: cropped(image, 0.8, 0, 0),
    "cropped in the other corner": lambda image: cropped(image, 0.8, 1, 1),
    "cropped off the grid": lambda image: cropped(image, 0.8, 0.37, 0.63),
    "cropped to 0.8 of its area": lambda image: cropped(image, 0.8**0.5, 0.5, 0.2),
    "cropped, enlarged, turned": lambda image: cropped(image, 0.82, 0.7, 0.1).resize((200, 160)).rotate(180),
    "cropped, flipped, saved anew": lambda image: saved_as_jpeg(
        cropped(image, 0.85, 0.2, 0.9).transpose(TURN.FLIP_LEFT_RIGHT), 70
    ),
}


def write_manifest(folder: Path, rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> Path:
    """`manifest.csv` in the folder."""
    file = folder / "manifest.csv"
    with file.open("w", newline="", encoding="utf-8") as text:
        table = csv.DictWriter(text, columns)
        table.writeheader()
        table.writerows(rows)
    return file


def drawn_set(folder: Path, count: int = 12) -> list[dict[str, str]]:
    """Photographs in the folder with a row each, groups of their own; every third row is of split val."""
    rows = []
    for seed in range(count):
        photograph(seed).save(folder / f"{seed}.png")
        split, name = ("train", "train", "val")[seed % 3], ("monkeypox", "chickenpox")[seed % 2]
        rows.append({"file": f"{seed}.png", "class": name, "split": split, "group": f"g{seed}"})
    return rows

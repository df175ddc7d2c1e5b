"""Labelled photographs for the stages mae, classifier and clip, read when they are needed.

A folder has a manifest.csv (columns file, class, split, group), or holds pox/ and derm/ that each have one.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from training.augmentation import plain_view, random_view
from training.config import Pictures
from training.photographs import FOLDERS, DataError
from training.running.prepared import Item
from vlm.mpoxvlm.preprocessing import MEAN, STD, centre_square

COLUMNS = ("file", "class", "split", "group")


@dataclass(frozen=True)
class Row:
    """One photograph; `told` is its line of the manifest."""

    path: Path
    label: str
    split: str
    group: str
    told: dict[str, str]


def rows_of(data: Path) -> list[Row]:
    """All rows. Raises `DataError` naming the manifest, column, file or group that is at fault."""
    folders = [data] if (data / "manifest.csv").is_file() else [data / name for name in FOLDERS]
    rows = [row for folder in folders if (folder / "manifest.csv").is_file() for row in _read(folder)]
    if not rows:
        raise DataError(f"{data} holds no manifest.csv, nor do {' and '.join(FOLDERS)} in it: give data")
    split_of: dict[str, str] = {}
    for row in rows:
        if split_of.setdefault(row.group, row.split) != row.split:
            raise DataError(f"group {row.group} stands in two splits: figures would be too good")
    if missing := [str(row.path) for row in rows if not row.path.is_file()]:
        raise DataError(f"{len(missing)} photographs are missing, first {missing[0]}: complete the folder")
    return rows


def _read(folder: Path) -> list[Row]:
    with (folder / "manifest.csv").open(newline="") as lines:
        reader = csv.DictReader(lines)
        if lacking := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise DataError(f"{folder / 'manifest.csv'} lacks the column {lacking[0]!r}")
        # Group names are unique within a folder only.
        return [
            Row(folder / told["file"], told["class"], told["split"], f"{folder.name}/{told['group']}", told)
            for told in reader
        ]


class PictureSet:
    """The photographs of one split; each is drawn as `pixel_values` (3, S, S) its `label` and `row`."""

    def __init__(self, settings: Pictures, side: int, split: str) -> None:
        self.rows = [row for row in rows_of(settings.data) if row.split == split]
        self.side, self.augment, self.split = side, settings.augment, split
        self._read: dict[int, NDArray[np.uint8]] = {}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over files, classes and groups."""
        told = [[str(row.told["file"]), row.label, row.group] for row in self.rows]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.rows)

    def draw(self, row: int, chance: torch.Generator | None) -> Item:
        """A random view by `chance`, or the whole picture."""
        pixels = torch.from_numpy(self._pixels(row))[None]
        random = chance is not None and self.augment
        view = random_view(pixels, self.side, chance) if random and chance else plain_view(pixels, self.side)
        return {"pixel_values": view[0], "label": self.rows[row].label, "row": row}

    def _pixels(self, row: int) -> NDArray[np.uint8]:
        """Kept a third wider than the view, so that a crop has something to choose from."""
        if row not in self._read:
            path = self.rows[row].path
            try:
                with Image.open(path) as image:
                    square = centre_square(image, self.side * 4 // 3)
            except (OSError, UnidentifiedImageError) as error:
                raise DataError(f"{path} cannot be read as a photograph ({error}): replace it") from None
            self._read[row] = np.array(square, dtype=np.uint8)
        return self._read[row]


def sets_of(settings: Pictures, side: int) -> tuple[PictureSet, PictureSet | None]:
    """Training and validation photographs. Raises `DataError` where a split that is needed is empty."""
    train = PictureSet(settings, side, settings.train_split)
    validation = PictureSet(settings, side, settings.validation_split)
    for pictures, needed in ((train, True), (validation, settings.evaluate_steps is not None)):
        if needed and not len(pictures):
            raise DataError(f"{settings.data} has no photographs of the split {pictures.split!r}")
    return train, validation if len(validation) else None


def sampling(settings: Pictures, rows: Sequence[Row]) -> NDArray[Any] | None:
    """Where balanced: rarer classes more often, large groups less, each by the square root."""
    if not settings.balanced:
        return None
    classes, groups = Counter(row.label for row in rows), Counter(row.group for row in rows)
    return np.array([(classes[row.label] * groups[row.group]) ** -0.5 for row in rows])


def stacked(items: Sequence[Item]) -> Tensor:
    """Pixels (B, 3, S, S)."""
    return torch.stack([item["pixel_values"] for item in items])


def write_preprocessor(folder: Path, side: int, kind: str) -> None:
    """How photographs are prepared, as transformers' image processors say it."""
    told = {
        "image_processor_type": kind, "do_resize": True, "do_rescale": True, "do_normalize": True,
        "size": {"height": side, "width": side}, "rescale_factor": 1 / 255,
        "image_mean": MEAN.tolist(), "image_std": STD.tolist(),
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(told, indent=2) + "\n")

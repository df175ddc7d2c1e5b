"""The labelled photographs of a data folder, kept small in memory.

A folder holds `pox/` and `derm/`, each with a `manifest.csv` (columns `file`, `class`, `split`, `group`;
`derm` has clinical columns too). Groups never straddle a split: that is the data's promise, checked here.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from triage.findings import CONDITIONS, Condition
from vlm.mpoxvlm.preprocessing import centre_square

FOLDERS = ("pox", "derm")

# Undecided between two conditions in the source: half of each.
SHARED_LABELS: dict[str, tuple[Condition, ...]] = {
    "monkeypox": ("mpox",),
    "chickenpox_or_measles": ("chickenpox", "measles"),
}


class DataError(Exception):
    """The data folder is not what its manifest promises; the text names the file and the remedy."""


@dataclass(frozen=True)
class Photographs:
    """Photographs of one split: `pixels` (N, S, S, 3) uint8, `labels` (N, 10) that sum to 1, one row each."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.float32]
    groups: tuple[str, ...]
    rows: tuple[dict[str, str], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, rows: NDArray[np.int64]) -> "Photographs":
        """Those of these numbers."""
        return Photographs(
            self.pixels[rows],
            self.labels[rows],
            tuple(self.groups[row] for row in rows),
            tuple(self.rows[row] for row in rows),
        )

    @property
    def conditions(self) -> NDArray[np.int64]:
        """Index of the condition in `CONDITIONS`; the first of two where undecided."""
        return np.asarray(self.labels.argmax(axis=1))


def read_photographs(data: Path, split: str | None, side: int) -> Photographs:
    """Read one split of all folders, or all splits where None.

    Raises `DataError` for a missing manifest, a group in two splits, an unknown class or an empty split.
    """
    rows = [row for folder in FOLDERS for row in _manifest(data, folder)]
    _check_groups(rows)
    chosen = [row for row in rows if split in (None, row["split"])]
    if not chosen:
        raise DataError(f"{data} has no photographs of the split {split!r}: see its manifest.csv")
    return Photographs(
        pixels=np.stack([_pixels(data / row["path"], side) for row in chosen]),
        labels=np.stack([_label(row["class"]) for row in chosen]),
        groups=tuple(row["group"] for row in chosen),
        rows=tuple(chosen),
    )


def _manifest(data: Path, folder: str) -> list[dict[str, str]]:
    path = data / folder / "manifest.csv"
    if not path.is_file():
        raise DataError(f"{path} is missing: give the folder that holds {' and '.join(FOLDERS)}")
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    # Group names are unique within a folder only.
    return [row | {"path": f"{folder}/{row['file']}", "group": f"{folder}/{row['group']}"} for row in rows]


def _check_groups(rows: list[dict[str, str]]) -> None:
    split_of: dict[str, str] = {}
    for row in rows:
        if split_of.setdefault(row["group"], row["split"]) != row["split"]:
            raise DataError(f"group {row['group']} stands in two splits: figures would be too good")


def _pixels(path: Path, side: int) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(centre_square(image, side), dtype=np.uint8)


def _label(name: str) -> NDArray[np.float32]:
    label = np.zeros(len(CONDITIONS), dtype=np.float32)
    members = SHARED_LABELS.get(name) or tuple(condition for condition in CONDITIONS if condition == name)
    if not members:
        raise DataError(f"the class {name!r} is none of the ten conditions")
    for condition in members:
        label[CONDITIONS.index(condition)] = 1 / len(members)
    return label

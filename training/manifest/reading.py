"""Reads a manifest, or a folder of manifests, and refuses what would make figures too good."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.manifest.errors import ManifestError
from training.manifest.leaks import doubled_files, groups_in_two_splits, same_bytes
from training.manifest.near_duplicates import near_duplicates as find_near_duplicates
from training.manifest.photograph import Unreadable, read_photograph, thumbnail
from training.manifest.rows import CLASSES, REQUIRED, Row, facts_of

NAME = "manifest.csv"
# A split names files.
SPLIT_NAME = re.compile(r"\w[\w-]{0,63}")


@dataclass(frozen=True)
class Manifest:
    """Rows that passed every check. Of a folder of manifests, files and groups bear their folder's name."""

    source: Path
    rows: tuple[Row, ...]

    def of_split(self, split: str) -> tuple[Row, ...]:
        """The rows of one split, in the manifest's order."""
        return tuple(row for row in self.rows if row.split == split)

    @property
    def splits(self) -> tuple[str, ...]:
        """Their names in the order of first appearance."""
        return tuple(dict.fromkeys(row.split for row in self.rows))


@dataclass(frozen=True)
class Examined:
    """What was found in a manifest: the rows that can be read, and all problems."""

    manifest: Manifest
    problems: tuple[str, ...]


def read_manifest(
    path: Path, images: Path | None = None, *, near_duplicates: bool = True, progress: bool = False
) -> Manifest:
    """The rows of a manifest. `path`: the csv, a folder with `manifest.csv`, or a folder of such folders.

    `images`: what `file` is relative to; default: the csv's folder. Every file is read. Raises
    `ManifestError` that lists all problems: missing columns and files, unreadable photographs, unknown
    classes and clinical values, a group in two splits, duplicates across splits by their bytes and (unless
    `near_duplicates` is false) by what they show, also flipped, turned or cropped.
    """
    found = examine(path, images, near_duplicates=near_duplicates, progress=progress)
    if found.problems:
        raise ManifestError(path, found.problems)
    return found.manifest


def examine(
    path: Path, images: Path | None = None, *, near_duplicates: bool = True, progress: bool = False
) -> Examined:
    """Like `read_manifest`, with the problems as a result. Raises `ManifestError` where no csv is read."""
    problems: list[str] = []
    lines = [line for file, prefix in _files(path) for line in _lines(file, prefix, images)]
    rows: list[Row] = []
    thumbnails: list[NDArray[np.float16]] = []
    for line in tqdm(lines, desc="reading photographs", disable=not progress):
        found = _row(line, problems, thumbnails)
        if found:
            rows.append(found)
    if not lines:
        problems.append("it has no rows")
    problems += doubled_files(rows) + groups_in_two_splits(rows) + same_bytes(rows)
    if near_duplicates:
        problems += find_near_duplicates(rows, thumbnails, progress=progress)
    return Examined(Manifest(path, tuple(rows)), tuple(problems))


@dataclass(frozen=True)
class _Line:
    number: int
    manifest: Path
    prefix: str
    images: Path
    columns: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.prefix}{self.columns['file'] or '(no file)'} (line {self.number})"


def _files(path: Path) -> list[tuple[Path, str]]:
    """The csv files, each with what stands before its files' and groups' names."""
    if path.is_file():
        return [(path, "")]
    if (path / NAME).is_file():
        return [(path / NAME, "")]
    found = sorted(path.glob(f"*/{NAME}"))
    if not found:
        raise ManifestError(
            path, [f"no such file, nor a folder with {NAME} in it or in its folders: give the csv"]
        )
    return [(file, f"{file.parent.name}/") for file in found]


def _lines(file: Path, prefix: str, images: Path | None) -> Iterator[_Line]:
    folder = file.parent if images is None else images / prefix
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            table = csv.DictReader(text)
            missing = [name for name in REQUIRED if name not in (table.fieldnames or ())]
            if missing:
                raise ManifestError(file, [f"the column {name} is missing" for name in missing])
            for columns in table:
                filled = {name: (value or "").strip() for name, value in columns.items() if name}
                yield _Line(table.line_num, file, prefix, folder, filled)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(file, [f"it is no csv in UTF-8: {error}"]) from error


def _row(line: _Line, problems: list[str], thumbnails: list[NDArray[np.float16]]) -> Row | None:
    """The row and its thumbnail, or None and what is wrong."""
    columns = line.columns
    problems += [f"{line.place}: {name} is empty" for name in REQUIRED if not columns[name]]
    if columns["class"] and columns["class"] not in CLASSES:
        problems.append(f"{line.place}: unknown class {columns['class']!r}; known: {', '.join(CLASSES)}")
    if columns["split"] and not SPLIT_NAME.fullmatch(columns["split"]):
        problems.append(f"{line.place}: the split {columns['split']!r} is no plain name, such as train")
    facts = None
    try:
        facts = facts_of(columns)
    except ValueError as error:
        problems.append(f"{line.place}: cannot be: {error}")
    if not columns["file"]:
        return None
    path = line.images / columns["file"]
    try:
        image, sha256 = read_photograph(path)
    except Unreadable as error:
        problems.append(f"{line.place}: {error}")
        return None
    if columns.get("sha256", sha256) not in (sha256, ""):
        problems.append(f"{line.place}: the file is another than the column sha256 says")
    if facts is None or not columns["group"] or not columns["split"] or columns["class"] not in CLASSES:
        return None
    thumbnails.append(thumbnail(image))
    group = f"{line.prefix}{columns['group']}"
    return Row(
        line.number, f"{line.prefix}{columns['file']}", path, line.manifest, columns["class"],
        columns["split"], group, facts, sha256, columns,
    )  # fmt: skip

"""Photographs with their class: our manifests and the csv files of MM-Skin.

A manifest has `file,class,split,group`; MM-Skin's csv files have `image,attributes,categories` (most of them
spelt `atributes`), where `categories` is a list such as `['Nevus']`, and sometimes `set`. The second kind has
no groups: each photograph is then a group of its own, so that intervals come out too narrow where one lesion
was photographed twice. More columns do no harm.
"""

import ast
import csv
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import EvaluationError

SAME_CLASS = {"monkeypox": "mpox"}
"""Classes of manifests that the models name otherwise."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """One photograph: its path as the file gives it, its class, its split ("" without one), its group."""

    file: str
    label: str
    split: str
    group: str


@dataclass(frozen=True)
class LabelledFile:
    """The rows of one file that have exactly one class; `left_out` counts the others by what they have."""

    path: Path
    rows: tuple[Labelled, ...]
    left_out: dict[str, int]

    def without(self, classes: Collection[str]) -> "LabelledFile":
        """The file without the rows of these classes, which are counted as left out."""
        kept = tuple(row for row in self.rows if row.label not in classes)
        if not kept:
            raise EvaluationError(f"{self.path} has no other class than {', '.join(sorted(classes))}")
        named = {"class left out by name": len(self.rows) - len(kept)} if len(kept) < len(self.rows) else {}
        return LabelledFile(self.path, kept, self.left_out | named)

    def of_split(self, split: str) -> "LabelledFile":
        """The rows of one split."""
        kept = tuple(row for row in self.rows if row.split == split)
        if not kept:
            found = ", ".join(sorted({row.split for row in self.rows if row.split})) or "none"
            raise EvaluationError(f"{self.path}: no row has the split {split!r}; there are: {found}")
        return LabelledFile(self.path, kept, self.left_out)

    @property
    def classes(self) -> list[str]:
        """All classes, sorted."""
        return sorted({row.label for row in self.rows})


def read_labelled(path: Path) -> LabelledFile:
    """Read either format. Raises `EvaluationError` naming the column or line that is not as it must be."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            table = csv.DictReader(lines)
            columns = set(table.fieldnames or ())
            read = _manifest if {"file", "class"} <= columns else _categories
            if read is _categories and not {"image", "categories"} <= columns:
                raise EvaluationError(
                    f"{path} has the columns {', '.join(sorted(columns)) or 'none'}: give a manifest "
                    "(file,class,split,group) or a csv of image,attributes,categories"
                )
            found = [read(path, number, line) for number, line in enumerate(table, start=2)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"{path} is no csv file in UTF-8 ({error}): save it again as one") from None
    rows = tuple(row for row in found if isinstance(row, Labelled))
    if not rows:
        raise EvaluationError(f"{path} has no row with exactly one class: there is nothing to evaluate")
    return LabelledFile(path, rows, dict(Counter(reason for reason in found if isinstance(reason, str))))


def refuse_missing(rows: Iterable[Labelled], images: Path) -> None:
    """Raise `EvaluationError` listing files that are not below `images`."""
    missing = [row.file for row in rows if not (images / row.file).is_file()]
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise EvaluationError(
            f"{images} lacks {', '.join(missing[:SHOWN])}{more}: give the folder that the paths begin in "
            "with --images"
        )


def _manifest(path: Path, number: int, line: dict[str, str]) -> Labelled | str:
    label = line["class"].strip()
    if not label:
        return "no class"
    group = (line.get("group") or "").strip() or line["file"]
    return Labelled(line["file"], SAME_CLASS.get(label, label), (line.get("split") or "").strip(), group)


def _categories(path: Path, number: int, line: dict[str, str]) -> Labelled | str:
    try:
        categories = ast.literal_eval(line["categories"])
        if not isinstance(categories, list) or not all(isinstance(name, str) for name in categories):
            raise ValueError("not a list of names")
    except (ValueError, SyntaxError) as error:
        raise EvaluationError(
            f"{path}, line {number}: categories {line['categories']!r} ({error}): "
            "write a list such as ['Nevus']"
        ) from None
    if len(categories) != 1:
        return "no class" if not categories else "several classes"
    split = (line.get("split") or line.get("set") or "").strip().lower()
    return Labelled(
        line["image"], categories[0].strip(), split, (line.get("group") or "").strip() or line["image"]
    )

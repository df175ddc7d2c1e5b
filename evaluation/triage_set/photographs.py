"""The labelled photographs of a manifest: a csv file with at least `file` and `class`."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from evaluation.triage_set.clinical_columns import clinical_of
from evaluation.triage_set.errors import EvaluationError
from evaluation.triage_set.labels import CLASSES, label_of
from triage.clinical import Clinical

LISTED = 5


@dataclass(frozen=True)
class Photograph:
    """One row: where the file lies, what it shows, whose it is, and all that the row says beside it."""

    file: str
    path: Path
    label: str
    group: str
    columns: Mapping[str, str]

    @property
    def clinical(self) -> Clinical:
        """What the row truly says of patient and lesion."""
        return clinical_of(self.columns)

    def opened(self) -> Image.Image:
        """The photograph, upright, in RGB. Raises `EvaluationError` for a file that is no whole image."""
        try:
            with Image.open(self.path) as image:
                return ImageOps.exif_transpose(image).convert("RGB")
        except (OSError, UnidentifiedImageError) as error:
            raise EvaluationError(
                f"{self.path} cannot be read as an image ({error}): mend it or take its row out"
            ) from None


def photographs_of(manifest: Path, images: Path, split: str | None = None) -> list[Photograph]:
    """The manifest's photographs, of one `split` or all of them.

    A `file` lies in `images`, in a folder right below it, or beside the manifest. A row without `group` is a
    group of its own. Raises `EvaluationError`, which lists what is missing.
    """
    rows = [row for row in _rows(manifest) if split is None or (row.get("split") or "").strip() == split]
    if not rows:
        raise EvaluationError(f"{manifest}: no row" + (f" of split {split!r}" if split else ""))
    places = [images, *sorted(path for path in images.iterdir() if path.is_dir()), manifest.parent]
    found = [(row, _found(row["file"], places)) for row in rows]
    _refuse(manifest, "files not found", (row["file"] for row, path in found if path is None))
    _refuse(manifest, "files named twice", _doubled(row["file"] for row in rows))
    return [_photograph(row, path) for row, path in found if path is not None]


def _rows(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if missing := {"file", "class"} - set(reader.fieldnames or ()):
            raise EvaluationError(f"{manifest}: no column {', '.join(sorted(missing))}; add it")
        rows = list(reader)
    unknown = {row["class"] for row in rows if label_of(row["class"] or "") is None}
    if unknown:
        raise EvaluationError(
            f"{manifest}: unknown class {', '.join(sorted(map(repr, unknown)))}; use {', '.join(CLASSES)}"
        )
    return rows


def _photograph(row: dict[str, str], path: Path) -> Photograph:
    label = label_of(row["class"])
    assert label is not None  # noqa: S101 - looked at in `_rows`
    return Photograph(row["file"], path, label, (row.get("group") or "").strip() or row["file"], row)


def _found(file: str, places: Iterable[Path]) -> Path | None:
    return next((place / file for place in places if (place / file).is_file()), None)


def _doubled(files: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [file for file in files if file in seen or seen.add(file)]  # type: ignore[func-returns-value]


def _refuse(manifest: Path, what: str, files: Iterable[str]) -> None:
    listed = list(files)
    if listed:
        more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
        raise EvaluationError(f"{manifest}: {what}: {', '.join(listed[:LISTED])}{more}")

"""What a person checked: the csv that a check sheet saves. Columns: book, id, modality, caption (yes, no)."""

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from training.textbooks.errors import TextbookError
from training.textbooks.records import MODALITIES, Modality

COLUMNS = ("book", "id", "modality", "caption")
Key = tuple[str, str]
# A caption less sure than this is a person's to look at, and is not exported before.
SURE_CAPTION = 0.6


@dataclass(frozen=True)
class Check:
    """One person's word on one pair. `belongs`: the caption is this picture's."""

    modality: Modality
    belongs: bool = True


def read_checked(file: Path) -> dict[Key, Check]:
    """Checks by book and pair. Raises `TextbookError` naming the line that cannot be read."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return dict(_checks(file, csv.DictReader(lines)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TextbookError(f"{file}: cannot be read as csv: {error}") from None


def _checks(file: Path, rows: "csv.DictReader[str]") -> Iterator[tuple[Key, Check]]:
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise TextbookError(f"{file}: no column {missing[0]!r}; a check sheet saves {','.join(COLUMNS)}")
    for row in rows:
        modality, caption = row["modality"], row["caption"] or "yes"
        if modality not in MODALITIES:
            raise TextbookError(
                f"{file}, line {rows.line_num}: modality {modality!r} is none of {', '.join(MODALITIES)}"
            )
        if caption not in ("yes", "no"):
            raise TextbookError(f"{file}, line {rows.line_num}: caption {caption!r} is neither yes nor no")
        yield (row["book"], row["id"]), Check(modality, caption == "yes")


def keep_checked(kept: Path, given: Iterable[Path]) -> dict[Key, Check]:
    """All checks so far, later ones above earlier ones, kept for the runs to come in the file `kept`."""
    before = read_checked(kept) if kept.exists() else {}
    now = dict(before)
    for file in given:
        now |= read_checked(file)
    if now != before:
        _write(kept, now)
    return now


def _write(file: Path, checks: dict[Key, Check]) -> None:
    passing = file.with_name(f".{file.name}.part")
    with passing.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (book, pair), check in sorted(checks.items()):
            writer.writerow([book, pair, check.modality, "yes" if check.belongs else "no"])
        lines.flush()
        os.fsync(lines.fileno())
    passing.replace(file)

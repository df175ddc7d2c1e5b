"""A labelled set of drawn photographs in a folder."""

import csv
from pathlib import Path

from tests.vlm.drawn import photograph

LABELS = ("monkeypox", "chickenpox", "measles", "healthy", "chickenpox_or_measles", "nev", "bcc")
COLUMNS = ("file", "class", "split", "group", "dataset", "age", "gender", "itch")


def drawn_set(folder: Path, count: int = 14) -> Path:
    """Draw `count` photographs of all labels in turn, 64 pixels wide; the manifest's path."""
    rows = []
    for number in range(count):
        label = LABELS[number % len(LABELS)]
        file = folder / label / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        photograph(number, (64, 48)).save(file)
        derm = label in ("nev", "bcc")
        rows.append(
            {
                "file": f"{label}/{number}.png",
                "class": label,
                "split": "val" if number < 7 else "train",
                "group": f"g{number // 2}",
                "dataset": "drawn",
                **({"age": "50", "gender": "MALE", "itch": "True"} if derm else {}),
            }
        )
    return written(folder / "manifest.csv", rows)


def written(manifest: Path, rows: list[dict[str, str]]) -> Path:
    with manifest.open("w", newline="") as target:
        writer = csv.DictWriter(
            target, list(dict.fromkeys([*COLUMNS, *(key for row in rows for key in row)]))
        )
        writer.writeheader()
        writer.writerows(rows)
    return manifest


def rows_of(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(newline="") as lines:
        return list(csv.DictReader(lines))

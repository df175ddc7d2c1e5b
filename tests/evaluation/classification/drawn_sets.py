"""Folders of drawn pictures with their rows, in both formats."""

import csv
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tests.vlm.drawn import photograph

COLOURS = {"mpox": (200, 40, 40), "measles": (40, 160, 60), "healthy": (60, 60, 200)}


def manifest(folder: Path, groups: int = 6, per_group: int = 2) -> Path:
    """`manifest.csv`: each class has its own tint, plain to any eye; half of the groups are tested."""
    lines = [("file", "class", "split", "group")]
    for number, (name, colour) in enumerate(COLOURS.items()):
        for group in range(groups):
            for one in range(per_group):
                file = f"{name}_{group}_{one}.png"
                drawn = photograph(100 * number + 10 * group + one, (64, 48))
                Image.blend(drawn, Image.new("RGB", drawn.size, colour), 0.7).save(folder / file)
                told = "monkeypox" if name == "mpox" else name
                lines.append((file, told, "train" if group % 2 else "test", f"{name}{group}"))
    return written(folder / "manifest.csv", lines)


def categories(folder: Path, rows: int, names: Sequence[str], pictures: int = 6) -> Path:
    """`rows.csv` as MM-Skin writes it, its second column misspelt as there; pictures come again and again."""
    for number in range(pictures):
        photograph(number, (64 + 8 * number, 56)).save(folder / f"{number}.png")
    lines = [("image", "atributes", "categories")]
    lines += [(f"{row % pictures}.png", "[]", str([names[row % len(names)]])) for row in range(rows)]
    return written(folder / "rows.csv", lines)


def written(file: Path, lines: Sequence[Sequence[str]]) -> Path:
    """A csv file of these lines."""
    with file.open("w", newline="") as target:
        csv.writer(target).writerows(lines)
    return file

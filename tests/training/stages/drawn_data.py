"""Drawn photographs and conversations, and the smallest settings of every stage."""

import csv
import json
from pathlib import Path
from typing import Any

from tests.vlm.drawn import photograph

PARITY = Path(__file__).parents[2] / "data" / "parity"
BASE = PARITY / "llava-mistral-base"
CLASSES = ("monkeypox", "measles", "nev", "chickenpox_or_measles")
TOWER = {"width": 16, "layers": 1, "heads": 2, "patch": 8, "dropout": 0.1}


def photographs(root: Path, train: int = 10, validation: int = 4) -> Path:
    """A folder with manifest.csv; every photograph is a group of its own."""
    root.mkdir(parents=True)
    rows = []
    for number in range(train + validation):
        photograph(number, size=(40, 34)).save(root / f"{number}.png")
        split = "train" if number < train else "val"
        label = CLASSES[number % len(CLASSES)]
        rows.append({"file": f"{number}.png", "class": label, "split": split, "group": f"g{number}"})
    write_csv(root / "manifest.csv", rows)
    return root


def write_csv(file: Path, rows: list[dict[str, Any]]) -> None:
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def conversations(root: Path, count: int = 6) -> Path:
    """talks.json beside its photographs; the last conversation has two turns, the first no photograph."""
    root.mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    for number in range(count):
        photograph(number, size=(40, 34)).save(root / f"{number}.png")
        said = [talk("human", "<image>\nWhat is seen?"), talk("gpt", f"Some spots, {number} of them.")]
        rows.append({"id": str(number), "image": f"{number}.png", "conversations": said})
    rows[-1]["conversations"] += [talk("human", "Is it red?"), talk("gpt", "Yes.")]
    del rows[0]["image"]
    (root / "talks.json").write_text(json.dumps(rows))
    return root


def talk(who: str, value: str) -> dict[str, str]:
    return {"from": who, "value": value}


def picture_settings(data: Path, **changed: Any) -> dict[str, Any]:
    """Of mae, classifier and clip."""
    return {
        "data": str(data), "side": 24, "tower": TOWER, "steps": 10, "batch": 4, "device": "cpu",
        "checkpoint_steps": 3, "evaluate_steps": 4, "seed": 5,
    } | changed  # fmt: skip


def talk_settings(data: Path, base: Path = BASE, **changed: Any) -> dict[str, Any]:
    """Of projector and instruct."""
    talks = str(data / "talks.json")
    return {
        "data": talks, "images": str(data), "base": str(base), "validation": talks, "steps": 10, "batch": 2,
        "device": "cpu", "checkpoint_steps": 3, "evaluate_steps": 4, "seed": 5,
    } | changed  # fmt: skip


SMALL_DECODER = {"width": 16, "layers": 1, "heads": 2}

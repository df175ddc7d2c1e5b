"""Answers and manifests that are drawn, with a truth that is known. No picture of a person."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.findings import CONDITIONS

Table = NDArray[np.float64]

OVERCONFIDENT = 2.5


def answers(rows: int, seed: int) -> tuple[Table, list[str]]:
    """Log-probabilities (N, 10) that are too sure by a temperature of 2.5, and the true conditions."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(0, 2, (rows, len(CONDITIONS)))
    truth = (logits + chance.gumbel(size=logits.shape)).argmax(axis=1)
    sure = OVERCONFIDENT * logits
    return sure - np.logaddexp.reduce(sure, axis=1, keepdims=True), [CONDITIONS[number] for number in truth]


def write_manifest(file: Path, classes: list[str], a_group: int = 2) -> Path:
    """`n.jpg` in groups of `a_group`, all of the split val; and one row of train."""
    rows = [(f"{n}.jpg", name, "val", f"g{n // a_group}") for n, name in enumerate(classes)]
    return _written(
        file, ("file", "class", "split", "group"), [*rows, ("0t.jpg", "monkeypox", "train", "g-")]
    )


def write_answers(file: Path, table: Table, view: str | None = "plain") -> Path:
    """One row a photograph, and with a view another one that must be left alone."""
    rows = [(f"{n}.jpg", view, *values.tolist()) for n, values in enumerate(table)]
    if view is None:
        return _written(file, ("file", *CONDITIONS), [(row[0], *row[2:]) for row in rows])
    shifted = [(row[0], "darker", *[0.1] * 10) for row in rows]
    return _written(file, ("file", "view", *CONDITIONS), [*shifted, *rows])


def _written(file: Path, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([head, *rows])
    return file

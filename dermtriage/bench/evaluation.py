"""How long an evaluation of many rows takes, and how much memory it needs more than one of few.

As many rows as MM-Skin's largest csv file, drawn pictures of the size of its photographs, a random LLaVA of
fewer than a million parameters: the evaluation is measured, not the network. Runs are processes of their own.
"""

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from dermtriage.bench.running import quiet, report
from dermtriage.bench.shape import Goal, Measured
from evaluation.intervals import DRAWS

ROWS, FEW = 28_039, 1_000
SECONDS, MEGABYTES = Goal("at most", 600), Goal("at most", 100)
MOST_PARAMETERS = 1_000_000
PICTURES, SIDE = 48, 395
CLASSES = ("nontumor", "tumor")


@dataclass(frozen=True)
class Run:
    """One evaluation in a process of its own: its seconds from start to end, and its peak memory in MB."""

    rows: int
    seconds: float
    peak_mb: float


@click.command("evaluate")
@click.option("--rows", type=click.IntRange(2), default=ROWS, show_default=True, help="Rows of the long run.")
def command(rows: int) -> None:
    """Seconds of a zero-shot evaluation of 28,039 rows, and its memory over one of 1,000."""
    quiet()
    with TemporaryDirectory() as folder:
        few, many = measure(Path(folder), FEW, rows)
    rate = {"rows": rows, "rows_per_s": round(rows / many.seconds, 1), "peak_mb": round(many.peak_mb, 1)}
    report(f"evaluate_{rows}_seconds", Measured(round(many.seconds, 1), rate), SECONDS)
    over = round(many.peak_mb - few.peak_mb, 1)
    report(f"evaluate_memory_over_{FEW}_mb", Measured(over, {"peak_mb": round(few.peak_mb, 1)}), MEGABYTES)


def measure(folder: Path, *sizes: int) -> list[Run]:
    """An evaluation of each number of rows, one process after another."""
    prepare(folder)
    return [run(folder, rows)[0] for rows in sizes]


def prepare(folder: Path) -> None:
    """A model and pictures, drawn: no photograph of anybody."""
    import torch

    from dermtriage.bench.model.shapes import processor_for, random_llava
    from dermtriage.local.drawing import Picture, draw

    network = random_llava("tiny", torch.device("cpu"), torch.float32)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    if parameters >= MOST_PARAMETERS:
        raise ValueError(
            f"{parameters} parameters: the network of this bench has fewer than {MOST_PARAMETERS}"
        )
    network.save_pretrained(folder / "model")
    processor_for("tiny").save_pretrained(folder / "model")
    for number in range(PICTURES):
        picture = draw(Picture(number, number % 6 + 1, "mole" if number % 2 else "scale", number % 5 + 1))
        picture.resize((SIDE, SIDE)).save(folder / f"{number}.jpg", quality=90)


def run(folder: Path, *sizes: int, draws: int = DRAWS) -> list[Run]:
    """Evaluations of so many rows each, in one process: the later peak is never below the earlier one."""
    tables = [_table(folder, rows) for rows in sizes]
    command = [sys.executable, "-m", "dermtriage.bench.evaluation_run"]
    command += [str(folder), str(draws), *map(str, tables)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603 - our own module
    return [Run(rows, **json.loads(line)) for rows, line in zip(sizes, done.stdout.splitlines(), strict=True)]


def _table(folder: Path, rows: int) -> Path:
    table = folder / f"{rows}.csv"
    with table.open("w", newline="") as lines:
        written = csv.writer(lines)
        written.writerow(["image", "attributes", "categories"])
        written.writerows([f"{row % PICTURES}.jpg", "[]", str([CLASSES[row % 2]])] for row in range(rows))
    return table

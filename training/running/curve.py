"""The curve of a run as CSV and as a picture: one row a step."""

import csv
from pathlib import Path
from typing import Any

from training.running.files import write_whole

COLUMNS = {
    "step": "step",
    "loss": "loss",
    "eval_loss": "validation_loss",
    "learning_rate": "learning_rate",
    "grad_norm": "gradient_norm",
}


def rows_of(history: list[dict[str, Any]]) -> list[dict[str, float]]:
    """One row a step, of what the trainer logged."""
    rows: dict[int, dict[str, float]] = {}
    for entry in history:
        row = rows.setdefault(int(entry["step"]), {"step": int(entry["step"])})
        row |= {name: entry[key] for key, name in COLUMNS.items() if key in entry}
    return [rows[step] for step in sorted(rows)]


def write_curve(folder: Path, history: list[dict[str, Any]]) -> None:
    """Write curve.csv."""
    rows = rows_of(history)
    write_whole(folder / "curve.csv", lambda part: _table(part, rows))


def draw_curve(folder: Path, history: list[dict[str, Any]]) -> None:
    """Draw curve.png."""
    rows = rows_of(history)
    write_whole(folder / "curve.png", lambda part: _picture(part, rows))


def _table(path: Path, rows: list[dict[str, float]]) -> None:
    with path.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, list(COLUMNS.values()))
        writer.writeheader()
        writer.writerows(rows)


def _picture(path: Path, rows: list[dict[str, float]]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4))
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.16, top=0.95, wspace=0.28)
    losses, rate = figure.subplots(1, 2)
    for name in ("loss", "validation_loss"):
        drawn = [(row["step"], row[name]) for row in rows if name in row]
        if drawn:
            losses.plot(*zip(*drawn, strict=True), label=name.replace("_", " "))
            losses.legend()
    losses.set(xlabel="step", ylabel="loss")
    rated = [(row["step"], row["learning_rate"]) for row in rows if "learning_rate" in row]
    if rated:
        rate.plot(*zip(*rated, strict=True))
    rate.set(xlabel="step", ylabel="learning rate")
    figure.savefig(path, dpi=100, format="png")

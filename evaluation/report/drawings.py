"""Drawings on matplotlib's axes, and PNG files of them. Numbers come in; nothing is computed here."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Sheet

Drawing = Callable[[Any], None]
"""Draws on one matplotlib `Axes`."""

INCHES = (6.4, 4.2)
DOTS_PER_INCH = 110


def png(draw: Drawing, *, dark: bool = False) -> bytes:
    """The drawing as a PNG file, for a light or a dark screen."""
    with matplotlib.style.context("dark_background" if dark else "default"):
        sheet = Sheet(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        canvas = FigureCanvasAgg(sheet)
        draw(sheet.add_subplot())
        file = io.BytesIO()
        canvas.print_figure(file, format="png", metadata={"Software": None})
    return file.getvalue()


def bars(figures: Mapping[str, Mapping[str, Any]], unit: str = "") -> Drawing:
    """Values with their intervals, one line each; undefined ones are left out."""
    named = {name: figure for name, figure in figures.items() if figure["value"] is not None}

    def draw(axes: Any) -> None:
        places = np.arange(len(named))
        values = np.array([figure["value"] for figure in named.values()], dtype=float)
        lows = np.array([_end(figure, "low") for figure in named.values()], dtype=float)
        highs = np.array([_end(figure, "high") for figure in named.values()], dtype=float)
        reach = np.clip([values - lows, highs - values], 0, None)
        axes.errorbar(values, places, xerr=reach, fmt="o", capsize=3)
        axes.set_yticks(places, list(named))
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.grid(axis="x", alpha=0.3)

    return draw


def confusion(table: Sequence[Sequence[int]], rows: Sequence[str], columns: Sequence[str]) -> Drawing:
    """Counts: one row a true class, one column an answer; shaded by the share of the row."""

    def draw(axes: Any) -> None:
        counts = np.asarray(table, dtype=float)
        shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            ink = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{count:g}", ha="center", va="center", color=ink)
        axes.set_xticks(range(len(columns)), list(columns), rotation=45, ha="right")
        axes.set_yticks(range(len(rows)), list(rows))
        axes.set_xlabel("answer")
        axes.set_ylabel("truth")

    return draw


def roc(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Drawing:
    """Receiver operating characteristics: name to (false positive rates, true positive rates)."""

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="chance")
        for name, (false_positives, true_positives) in curves.items():
            axes.plot(false_positives, true_positives, label=name)
        axes.set_xlabel("1 - specificity")
        axes.set_ylabel("sensitivity")
        axes.legend(loc="lower right")

    return draw


def reliability(confidence: Sequence[float], correct: Sequence[float]) -> Drawing:
    """Mean confidence of each bin against the share of it that is right."""

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="perfectly calibrated")
        axes.plot(confidence, correct, marker="o", label="this model")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel("confidence")
        axes.set_ylabel("share that is right")
        axes.legend(loc="upper left")

    return draw


def _end(figure: Mapping[str, Any], name: str) -> float:
    return float(figure["value"] if figure[name] is None else figure[name])

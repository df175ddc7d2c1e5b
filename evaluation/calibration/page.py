"""The page of a calibration, with its reliability diagram before and after."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation.calibration.figures import reliability_bins
from evaluation.calibration.held_out import HeldOut
from evaluation.calibration.rows import Validation
from evaluation.reliability import Bin
from evaluation.report import Drawing, Plot, write_report
from triage.findings import CONDITIONS

NOTES = (
    "Made on validation photographs. Figures called after are held out: each photograph is judged by a "
    "calibration that was fitted without its group.",
    "A prediction set is promised to hold the truth in the stated share of new groups like these. Of other "
    "clinics, cameras or conditions nothing is promised.",
)


def write_page(out: Path, metrics: Mapping[str, Any], rows: Validation, held: HeldOut) -> None:
    """`report.html` and `plots/reliability.png`."""
    curves = {
        "before": reliability_bins(rows, rows.log_probabilities, CONDITIONS),
        "after, held out": reliability_bins(rows, held.log_probabilities, CONDITIONS),
    }
    plot = Plot(
        "reliability",
        "Reliability of the top answer, before and after",
        "Share of right answers against confidence, in five bins of equal mass: " + _told(curves),
        _before_and_after(curves),
    )
    shown = {name: value for name, value in metrics.items() if name != "provenance"}
    write_report(out, "Calibration", shown, plots=[plot], notes=NOTES, provenance=metrics["provenance"])


def _before_and_after(curves: Mapping[str, list[Bin]]) -> Drawing:
    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="perfectly calibrated")
        for name, each in curves.items():
            axes.plot([bin.confidence for bin in each], [bin.right for bin in each], marker="o", label=name)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel("confidence")
        axes.set_ylabel("share that is right")
        axes.legend(loc="upper left")

    return draw


def _told(curves: Mapping[str, list[Bin]]) -> str:
    return "; ".join(
        f"{name}: " + ", ".join(f"{bin.right:.2f} at {bin.confidence:.2f}" for bin in each)
        for name, each in curves.items()
    )

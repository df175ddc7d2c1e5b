"""The report of a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation.report import Plot, Table, bars, write_report

TITLE = "Visual question answering"
NOTES = (
    "Research figures, not for clinical use.",
    "Intervals hold 95 % of 1,000 bootstrap samples of whole groups.",
)


def show(out: Path, metrics: Mapping[str, Any], provenance: Mapping[str, Any]) -> None:
    """Write `report.html` and its plots."""
    # A number of words is on another scale.
    overall = {name: figure for name, figure in metrics["overall"].items() if name != "words"}
    write_report(
        out,
        TITLE,
        {"rows": metrics["rows"], "variant": metrics["variant"], **metrics["overall"]},
        tables=_by_modality(metrics["by_modality"]),
        plots=[Plot("overall", "All rows", _said(overall), bars(overall, "score, 0 to 1"))],
        notes=[*NOTES, *(f"{name}: {why}" for name, why in metrics["left_out"].items())],
        provenance=provenance,
    )


def _by_modality(modalities: Mapping[str, Mapping[str, Any]]) -> list[Table]:
    if not modalities:
        return []
    names = list(dict.fromkeys(name for figures in modalities.values() for name in figures))
    rows = [[name, *(figures.get(name) for figures in modalities.values())] for name in names]
    return [Table("By modality", ("figure", *modalities), rows)]


def _said(figures: Mapping[str, Any]) -> str:
    told = [
        f"{name} {figure['value']:.3f}" for name, figure in figures.items() if figure["value"] is not None
    ]
    return "Scores with their intervals: " + ", ".join(told)

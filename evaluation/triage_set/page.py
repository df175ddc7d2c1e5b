"""The report of one evaluation, for people: tables and pictures of what `metrics.json` holds."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, roc_curve

from evaluation.report import Plot, Table, bars, confusion, reliability, roc, write_report
from evaluation.triage_set.labels import FOUR, LOOKALIKES, RASHES, SIX
from evaluation.triage_set.readings import Readings
from triage.findings import Condition

NOTES = (
    "Research demonstration, not for clinical use.",
    "Intervals are 95 %, by bootstrap over groups: photographs of one scene or patient are drawn together.",
    "Only clinical information that the manifest states was shown to the model.",
)
SUBGROUP_FIGURES = ("accuracy4", "mpox_sensitivity", "mpox_specificity", "derm_accuracy")


def write_page(out: Path, metrics: Mapping[str, Any], readings: Readings) -> Path:
    """Write `report.html` and `plots/`."""
    figures = {name: value for name, value in metrics.items() if _is_figure(value)}
    return write_report(
        out,
        "Triage of labelled photographs",
        figures,
        tables=list(_tables(metrics)),
        plots=list(_plots(metrics, figures, readings)),
        notes=(*NOTES, _operating_point(metrics)),
        provenance=metrics["provenance"],
    )


def _operating_point(metrics: Mapping[str, Any]) -> str:
    point = metrics["operating_point"]
    return f"Operating point for mpox: {point['threshold']:.4f} ({point['source']})."


def _tables(metrics: Mapping[str, Any]) -> Iterator[Table]:
    yield Table(
        "Recall by class", ("class", "recall", "n"), [(k, v, v["n"]) for k, v in metrics["recall"].items()]
    )
    for name, parts in metrics["subgroups"].items():
        rows = [(part, *(figures[each] for each in SUBGROUP_FIGURES)) for part, figures in parts.items()]
        yield Table(f"By {name}", (name, *SUBGROUP_FIGURES), rows)
    tone = metrics["tone"]
    sides = ("mpox_sensitivity", "mpox_specificity", "mpox_specificity_among_pox")
    rows = [(each, *(tone[side][each] for side in sides)) for each in tone[sides[0]]]
    yield Table(f"By skin tone ({tone['bands']})", ("band", *sides), rows)
    flips = [(name, figure, figure["n"]) for name, figure in tone["flips"].items() if _is_figure(figure)]
    yield Table(f"Answers that flip ({tone['flips']['shift']})", ("class", "share", "n"), flips)
    views = metrics["ablation"]
    names = list(next(iter(views.values())))
    yield Table("Ablation", ("figure", *views), [(name, *(views[v][name] for v in views)) for name in names])
    shares = [(name, metrics["levels"][name]) for name in ("same", "less_urgent", "more_urgent")]
    yield Table("Level against reference", ("level is", "share"), shares)


def _plots(metrics: Mapping[str, Any], figures: Mapping[str, Any], readings: Readings) -> Iterator[Plot]:
    yield Plot("figures", "Figures", "Each figure with its interval", bars(figures))
    curves = _curves(readings)
    if curves:
        yield Plot("roc", "ROC", "Sensitivity against 1 - specificity for mpox", roc(curves))
    if bins := metrics["reliability"]:
        draw = reliability([b["confidence"] for b in bins], [b["right"] for b in bins])
        yield Plot(
            "reliability", "Reliability", "Confidence against share of right answers in five bins", draw
        )
    for name, conditions in (("four", FOUR), ("six", SIX)):
        if len(readings.of(*conditions)):
            yield _confusion(f"confusion_{name}", readings, conditions)
    levels = metrics["levels"]
    draw = confusion(levels["confusion"], levels["levels"], levels["levels"])
    yield Plot("confusion_levels", "Levels", "Reference level in rows, given level in columns", draw)


def _confusion(name: str, readings: Readings, conditions: tuple[Condition, ...]) -> Plot:
    rows = readings.of(*conditions)
    table = confusion_matrix(readings.labels[rows], readings.best_of(conditions)[rows], labels=conditions)
    title = f"Confusion among {', '.join(conditions)}"
    return Plot(
        name, title, "True class in rows, best answer in columns", confusion(table, conditions, conditions)
    )


def _curves(readings: Readings) -> dict[str, Any]:
    sets = {
        "mpox against all": (np.arange(len(readings.labels)), readings.probability("mpox")),
        "mpox against lookalikes": (
            readings.of("mpox", *LOOKALIKES),
            readings.among(RASHES)[:, RASHES.index("mpox")],
        ),
    }
    is_mpox = readings.labels == "mpox"
    return {
        name: roc_curve(is_mpox[rows], score[rows])[:2]
        for name, (rows, score) in sets.items()
        if is_mpox[rows].any() and not is_mpox[rows].all()
    }


def _is_figure(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"value", "low", "high", "n"}

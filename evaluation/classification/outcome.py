"""From predictions to `metrics.json` and the report: the same for every evaluation of a classification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, roc_curve

from evaluation.classification.metrics import Numbers, Probabilities, measured, reliability_bins
from evaluation.intervals import DRAWS
from evaluation.report import Plot, Table, confusion, reliability, roc, write_json, write_report

NO_ANSWER_NAME = "no answer"
# A matrix of more classes cannot be read as a picture.
MOST_IN_PICTURE = 25


@dataclass(frozen=True)
class Outcome:
    """Predictions of N rows as numbers of `classes`, -1 for no answer; probabilities (N, K) or None."""

    classes: Sequence[str]
    truth: Numbers
    predicted: Numbers
    probabilities: Probabilities | None
    groups: Sequence[str]


def write_outcome(
    out: Path,
    title: str,
    outcome: Outcome,
    facts: Mapping[str, Any],
    *,
    notes: Sequence[str],
    provenance: Mapping[str, Any],
    draws: int = DRAWS,
) -> dict[str, Any]:
    """Write `out/metrics.json`, `out/report.html` and `out/plots/`; return what the first one holds.

    In it: each metric as `value`, `low`, `high`, `n` (null where it needs probabilities that are not there),
    `recall` by class with the class's rows, the confusion matrix, `facts` and `provenance`.
    """
    figures = measured(outcome.truth, outcome.predicted, outcome.probabilities, outcome.groups, draws)
    metrics = {name: figure.as_dict() if figure else None for name, figure in figures.items()}
    names, table = _confusion(outcome)
    recalls = _recalls(outcome)
    content = {
        **metrics,
        "rows": len(outcome.truth),
        "groups": len(set(outcome.groups)),
        "classes": list(outcome.classes),
        "recall": recalls,
        "confusion": {"truth": list(outcome.classes), "answer": names, "counts": table},
        **facts,
        "provenance": dict(provenance),
    }
    write_json(out / "metrics.json", content)
    write_report(
        out,
        title,
        {**metrics, "rows": content["rows"], "groups": content["groups"], **facts},
        tables=[
            Table(
                "By class", ("class", "recall", "rows"), [(k, v["value"], v["n"]) for k, v in recalls.items()]
            )
        ],
        plots=list(_plots(outcome, names, table)),
        notes=notes,
        provenance=provenance,
    )
    return content


def _recalls(outcome: Outcome) -> dict[str, dict[str, Any]]:
    found = {}
    for number, name in enumerate(outcome.classes):
        of_class = outcome.truth == number
        rows = int(of_class.sum())
        share = float((outcome.predicted[of_class] == number).mean()) if rows else None
        found[name] = {"value": share if share is None else round(share, 4), "n": rows}
    return found


def _confusion(outcome: Outcome) -> tuple[list[str], list[list[int]]]:
    """Names of the columns and the counts; the last column is `no answer` where there is any."""
    count = len(outcome.classes)
    answered = np.where(outcome.predicted < 0, count, outcome.predicted)
    table = confusion_matrix(outcome.truth, answered, labels=range(count + 1))[:count]
    if table[:, count].any():
        return [*outcome.classes, NO_ANSWER_NAME], table.tolist()
    return list(outcome.classes), table[:, :count].tolist()


def _plots(outcome: Outcome, names: list[str], table: list[list[int]]) -> list[Plot]:
    plots = []
    if len(outcome.classes) <= MOST_IN_PICTURE:
        draw = confusion(table, outcome.classes, names)
        plots.append(Plot("confusion", "Confusion", "Counts of answers for each true class.", draw))
    probabilities = outcome.probabilities
    if probabilities is None:
        return plots
    curves = {
        name: roc_curve(outcome.truth == number, probabilities[:, number])[:2]
        for number, name in enumerate(outcome.classes)
        if 0 < (outcome.truth == number).sum() < len(outcome.truth)
    }
    bins = reliability_bins(outcome.truth, probabilities)
    drawn = reliability([each.confidence for each in bins], [each.right for each in bins])
    says = "Mean confidence of the top class against the share that is right, in bins of as many rows each."
    return [
        *plots,
        Plot(
            "roc", "ROC", "Sensitivity against false positives of each class against all others.", roc(curves)
        ),
        Plot("reliability", "Reliability", says, drawn),
    ]

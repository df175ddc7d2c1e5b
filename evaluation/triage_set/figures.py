"""The figures by which a model is judged, each with its interval over groups.

Undefined (nan, n 0) where the set has none of the classes that a figure speaks of. Each is computed a
thousand times for its interval: scikit-learn's own, to which the tests hold them, would take minutes.
"""

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Figure, Rows, with_interval
from evaluation.triage_set.calibration import calibration_error
from evaluation.triage_set.labels import FOUR, LOOKALIKES, RASHES, SIX
from evaluation.triage_set.readings import Mask, Readings
from evaluation.triage_set.views import View

UNDEFINED = Figure(float("nan"), float("nan"), float("nan"), 0)
MORE_LIKELY_THAN_NOT = 0.5


def headline(readings: Readings, view: View = "plain") -> dict[str, Figure]:
    """All figures of one view, under the names of `metrics.json`.

    `chickenpox_or_measles` is a negative for mpox and a lookalike of it, and in no other figure.
    """
    groups, truth = readings.groups, readings.labels
    four, six = readings.of(*FOUR), readings.of(*SIX)
    of_four, of_six = readings.best_of(FOUR, view), readings.best_of(SIX, view)
    yes, is_mpox = readings.says_mpox(view), truth == "mpox"
    everything = np.arange(len(truth))
    alike = readings.of("mpox", *LOOKALIKES)
    alike_score = readings.among(RASHES, view)[:, RASHES.index("mpox")]
    return {
        "accuracy4": share(of_four == truth, four, groups),
        "balanced_accuracy4": balanced_accuracy(truth, of_four, four, groups),
        "mpox_sensitivity": share(yes, np.flatnonzero(is_mpox), groups),
        "mpox_specificity": share(~yes, np.flatnonzero(~is_mpox), groups),
        "mpox_auroc": auroc(is_mpox, readings.probability("mpox", view), everything, groups),
        "mpox_vs_lookalikes_auroc": auroc(is_mpox, alike_score, alike, groups),
        "mpox_vs_lookalikes_accuracy": two_sided_accuracy(is_mpox, alike_score, alike, groups),
        "derm_accuracy": share(of_six == truth, six, groups),
        "ece": calibration_error(readings, view),
    }


def share(holds: Mask, rows: Rows, groups: NDArray[np.str_]) -> Figure:
    """Share of the `rows` for which something holds."""
    chosen = holds[rows]
    return with_interval(lambda drawn: float(chosen[drawn].mean()), groups[rows])


def balanced_accuracy(
    truth: NDArray[np.str_], answer: NDArray[np.str_], rows: Rows, groups: NDArray[np.str_]
) -> Figure:
    """Mean recall over the classes that the sample holds."""
    classes, true = np.unique(truth[rows], return_inverse=True)
    right = answer[rows] == truth[rows]

    def measure(drawn: Rows) -> float:
        sizes = np.bincount(true[drawn], minlength=len(classes))
        hits = np.bincount(true[drawn], weights=right[drawn], minlength=len(classes))
        return float((hits[sizes > 0] / sizes[sizes > 0]).mean())

    return with_interval(measure, groups[rows])


def auroc(positive: Mask, score: NDArray[np.float64], rows: Rows, groups: NDArray[np.str_]) -> Figure:
    """Area under the ROC curve; undefined without both sides. A draw of one side only does not count."""
    if not _has_both(positive[rows]):
        return UNDEFINED
    true, scored = positive[rows], score[rows]
    return with_interval(lambda drawn: area(true[drawn], scored[drawn]), groups[rows])


def area(positive: Mask, score: NDArray[np.float64]) -> float:
    """Share of pairs of a positive and a negative whose scores are in order, equals for half: by ranks."""
    ill, well = int(positive.sum()), int((~positive).sum())
    if not ill or not well:
        return float("nan")
    _, place, alike = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(alike) - (alike - 1) / 2
    return float((ranks[place[positive]].sum() - ill * (ill + 1) / 2) / (ill * well))


def two_sided_accuracy(
    positive: Mask, score: NDArray[np.float64], rows: Rows, groups: NDArray[np.str_]
) -> Figure:
    """Share on the right side of one half; undefined without both sides."""
    if not _has_both(positive[rows]):
        return UNDEFINED
    return share((score >= MORE_LIKELY_THAN_NOT) == positive, rows, groups)


def _has_both(positive: Mask) -> bool:
    return bool(positive.any() and not positive.all())

"""Metrics of a classification, by scikit-learn, each with its interval by bootstrap over groups.

Shapes: N rows, K classes. Truth and predictions are numbers of classes; a prediction of -1 is no answer,
which is always wrong.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    log_loss,
    recall_score,
    roc_auc_score,
)

from evaluation.intervals import DRAWS, Figure, Rows, with_interval
from evaluation.reliability import Bin, bins, error_of

Numbers = NDArray[np.int64]
Probabilities = NDArray[np.float64]
BINS = 10
NO_ANSWER = -1


def measured(
    truth: Numbers,
    predicted: Numbers,
    probabilities: Probabilities | None,
    groups: Sequence[str],
    draws: int = DRAWS,
) -> dict[str, Figure | None]:
    """All metrics by name. What needs probabilities (N, K) is None where there are none.

    `auroc` and `auprc` are means over classes, each against all others; a class that the truth lacks is left
    out. `balanced_accuracy` is the mean recall of the classes in the truth.
    """

    def figure(measure: Callable[[Rows], float]) -> Figure:
        # The same arrays a thousand times: scikit-learn need not look for nan and wrong types each time.
        with config_context(assume_finite=True, skip_parameter_validation=True):
            return with_interval(measure, groups, draws=draws)

    def of_labels(score: Callable[..., float], **options: Any) -> Figure:
        return figure(lambda rows: float(score(truth[rows], predicted[rows], **options)))

    found: dict[str, Figure | None] = {
        "accuracy": of_labels(accuracy_score),
        "balanced_accuracy": of_labels(balanced_accuracy),
        "macro_f1": of_labels(macro_f1),
    }
    for name, score in {"auroc": auroc, "auprc": auprc, "log_loss": mean_log_loss, "ece": ece}.items():
        found[name] = None
        if probabilities is not None:
            found[name] = figure(lambda rows, s=score: float(s(truth[rows], probabilities[rows])))  # type: ignore[misc]
    return found


def balanced_accuracy(truth: Numbers, predicted: Numbers) -> float:
    """Mean recall of the classes that the truth has; scikit-learn's own warns of answers that it lacks."""
    return float(recall_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0))


def macro_f1(truth: Numbers, predicted: Numbers) -> float:
    """Mean F1 of the classes in truth or predictions; no answer is no class."""
    labels = np.setdiff1d(np.union1d(truth, predicted), [NO_ANSWER])
    return float(f1_score(truth, predicted, labels=labels, average="macro", zero_division=0))


def auroc(truth: Numbers, probabilities: Probabilities) -> float:
    """Mean area under the ROC curve of each class against all others."""
    return _over_classes(roc_auc_score, truth, probabilities)


def auprc(truth: Numbers, probabilities: Probabilities) -> float:
    """Mean average precision of each class against all others."""
    return _over_classes(average_precision_score, truth, probabilities)


def mean_log_loss(truth: Numbers, probabilities: Probabilities) -> float:
    """Mean negative log-probability of the right class, in nats."""
    return float(log_loss(truth, probabilities, labels=range(probabilities.shape[1])))


def ece(truth: Numbers, probabilities: Probabilities, count: int = BINS) -> float:
    """Expected calibration error of the top class: bins of as many rows each, weighted by their rows."""
    return error_of(reliability_bins(truth, probabilities, count))


def reliability_bins(truth: Numbers, probabilities: Probabilities, count: int = BINS) -> list[Bin]:
    """The bins behind it: the top class's probability, and how often it is right."""
    return bins(probabilities.max(1), probabilities.argmax(1) == truth, count)


def _over_classes(score: Callable[..., float], truth: Numbers, probabilities: Probabilities) -> float:
    present = [k for k in np.unique(truth) if (truth != k).any()]
    scores = [score(truth == k, probabilities[:, k]) for k in present]
    return float(np.mean(scores)) if scores else float("nan")

"""Metrics against scikit-learn's own and against examples worked by hand."""

import numpy as np
import pytest
from sklearn import metrics as reference

from evaluation.classification.metrics import (
    auprc,
    auroc,
    balanced_accuracy,
    ece,
    macro_f1,
    mean_log_loss,
    measured,
    reliability_bins,
)

CHANCE = np.random.default_rng(3)
TRUTH = CHANCE.integers(0, 3, 90)
PROBABILITIES = CHANCE.dirichlet([1, 1, 1], 90) * 0.7 + 0.3 * np.eye(3)[TRUTH]
PREDICTED = PROBABILITIES.argmax(1)


def test_with_all_classes_present_they_are_scikit_learns() -> None:
    assert balanced_accuracy(TRUTH, PREDICTED) == pytest.approx(
        reference.balanced_accuracy_score(TRUTH, PREDICTED)
    )
    assert macro_f1(TRUTH, PREDICTED) == pytest.approx(reference.f1_score(TRUTH, PREDICTED, average="macro"))
    assert auroc(TRUTH, PROBABILITIES) == pytest.approx(
        reference.roc_auc_score(TRUTH, PROBABILITIES, multi_class="ovr", average="macro")
    )
    assert auprc(TRUTH, PROBABILITIES) == pytest.approx(
        reference.average_precision_score(np.eye(3)[TRUTH], PROBABILITIES, average="macro")
    )
    assert mean_log_loss(TRUTH, PROBABILITIES) == pytest.approx(
        -np.log(PROBABILITIES[range(90), TRUTH]).mean()
    )


def test_no_answer_is_wrong_and_no_class_of_its_own() -> None:
    truth, predicted = np.array([0, 0, 1, 1]), np.array([0, -1, 1, 1])
    assert balanced_accuracy(truth, predicted) == 0.75
    # F1: class 0 has precision 1 and recall 1/2, class 1 both 1.
    assert macro_f1(truth, predicted) == pytest.approx((2 / 3 + 1) / 2)


def test_a_class_that_the_truth_lacks_has_no_curve() -> None:
    truth = np.array([0, 0, 1])
    probabilities = np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
    # Class 0: of its two pairs with the third row both are right; class 1: both too.
    assert auroc(truth, probabilities) == 1.0
    assert np.isnan(auroc(np.array([0, 0]), probabilities[:2]))


def test_calibration_error_worked_by_hand() -> None:
    truth = np.array([0, 1, 0, 0])
    probabilities = np.array([[0.6, 0.4], [0.7, 0.3], [0.8, 0.2], [0.9, 0.1]])
    # Two bins of two rows: confidence 0.65 with 1 of 2 right, and 0.85 with 2 of 2.
    found = reliability_bins(truth, probabilities, 2)
    assert [(each.right, each.n) for each in found] == [(0.5, 2), (1.0, 2)]
    assert [each.confidence for each in found] == pytest.approx([0.65, 0.85])
    assert ece(truth, probabilities, 2) == pytest.approx((0.15 + 0.15) / 2)


def test_every_metric_has_its_interval_or_is_none_without_probabilities() -> None:
    groups = [str(row // 3) for row in range(90)]
    figures = measured(TRUTH, PREDICTED, PROBABILITIES, groups, draws=20)
    for name, figure in figures.items():
        assert figure is not None, name
        assert figure.low <= figure.value + 0.05, name
        assert figure.low < figure.high, name
        assert figure.n == 90
    assert figures["accuracy"].value == pytest.approx((TRUTH == PREDICTED).mean())  # type: ignore[union-attr]
    without = measured(TRUTH, PREDICTED, None, groups, draws=5)
    assert [name for name, figure in without.items() if figure is None] == [
        "auroc",
        "auprc",
        "log_loss",
        "ece",
    ]

"""Each headline figure on answers small enough to count by hand, and beside scikit-learn's own."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, recall_score, roc_auc_score

from evaluation.triage_set.figures import headline
from evaluation.triage_set.labels import FOUR, RASHES, SIX
from evaluation.triage_set.readings import Readings
from tests.evaluation.triage_set.answers import readings
from triage.findings import CONDITIONS

BY_HAND = readings(
    ("mpox", {"mpox": 0.6, "chickenpox": 0.2}),  # yes; right
    ("mpox", {"mpox": 0.3, "chickenpox": 0.1, "nev": 0.5}),  # no; right among the four and among the rashes
    ("chickenpox", {"mpox": 0.5, "chickenpox": 0.3}),  # yes, just at the point; wrong
    ("measles", {"measles": 0.7, "mpox": 0.1}),  # no; right
    ("healthy", {"healthy": 0.9}),  # no; right
    ("chickenpox_or_measles", {"mpox": 0.2, "measles": 0.6}),  # no; a lookalike, of no one of the four
    ("nev", {"nev": 0.6, "healthy": 0.3}),  # no; right
    ("bcc", {"nev": 0.4, "bcc": 0.3}),  # no; wrong
)


def values(found: Readings) -> dict[str, float]:
    return {name: figure.value for name, figure in headline(found).items()}


def test_the_figures_are_those_counted_by_hand() -> None:
    found = headline(BY_HAND)
    assert {name: (round(f.value, 4), f.n) for name, f in found.items() if name != "ece"} == {
        "accuracy4": (0.8, 5),
        "balanced_accuracy4": (0.75, 5),
        "mpox_sensitivity": (0.5, 2),
        "mpox_specificity": (round(5 / 6, 4), 6),
        # Mpox at 0.6 and 0.3 against 0.5, 0.1, 0.0125, 0.2, 0.0125, 0.0375: 11 of 12 pairs in order.
        "mpox_auroc": (round(11 / 12, 4), 8),
        # Among the three: mpox 0.73, 0.74 against 0.61, 0.12, 0.24: all in order, one on the wrong side.
        "mpox_vs_lookalikes_auroc": (1.0, 5),
        "mpox_vs_lookalikes_accuracy": (0.8, 5),
        "derm_accuracy": (0.5, 2),
    }


def test_at_the_operating_point_the_answer_is_yes() -> None:
    case = ("mpox", {"mpox": 0.5})
    assert values(readings(case, threshold=0.5))["mpox_sensitivity"] == 1
    assert values(readings(case, threshold=0.501))["mpox_sensitivity"] == 0


def test_the_figures_are_those_of_scikit_learn() -> None:
    chance = np.random.default_rng(3)
    labels = [str(label) for label in chance.choice(CONDITIONS, 120)]
    said = chance.dirichlet(np.ones(10), 120)
    said[:40] = said[40:80]  # equal scores
    found = readings(
        *((a, dict(zip(CONDITIONS, map(float, p), strict=True))) for a, p in zip(labels, said, strict=True))
    )
    truth, figures = np.array(labels), values(found)
    four, six, rashes = (np.isin(truth, names) for names in (FOUR, SIX, RASHES))
    best = np.array(FOUR)[said[:, [CONDITIONS.index(c) for c in FOUR]].argmax(1)]
    best_of_six = np.array(SIX)[said[:, [CONDITIONS.index(c) for c in SIX]].argmax(1)]
    yes, ill = said[:, 0] >= 0.5, truth == "mpox"
    among = said[:, 0] / said[:, :3].sum(1)
    assert figures["accuracy4"] == pytest.approx(accuracy_score(truth[four], best[four]))
    assert figures["balanced_accuracy4"] == pytest.approx(balanced_accuracy_score(truth[four], best[four]))
    assert figures["mpox_sensitivity"] == pytest.approx(recall_score(ill, yes))
    assert figures["mpox_specificity"] == pytest.approx(recall_score(~ill, ~yes))
    assert figures["mpox_auroc"] == pytest.approx(roc_auc_score(ill, said[:, 0]))
    assert figures["mpox_vs_lookalikes_auroc"] == pytest.approx(roc_auc_score(ill[rashes], among[rashes]))
    expected = accuracy_score(ill[rashes], among[rashes] >= 0.5)
    assert figures["mpox_vs_lookalikes_accuracy"] == pytest.approx(expected)
    assert figures["derm_accuracy"] == pytest.approx(accuracy_score(truth[six], best_of_six[six]))


def test_figures_of_absent_classes_are_undefined() -> None:
    found = headline(readings(("nev", {"nev": 0.6}), ("bcc", {"bcc": 0.6})))
    defined = {name for name, figure in found.items() if not math.isnan(figure.value)}
    assert defined == {"mpox_specificity", "derm_accuracy"}
    undefined = {"value": None, "low": None, "high": None, "n": 0}
    assert all(figure.as_dict() == undefined for name, figure in found.items() if name not in defined)


def test_without_derm_photographs_the_pox_figures_stand() -> None:
    found = headline(readings(("mpox", {"mpox": 0.6}), ("chickenpox", {"chickenpox": 0.6})))
    assert {name for name, figure in found.items() if math.isnan(figure.value)} == {"derm_accuracy"}


def test_undecided_photographs_are_negatives_and_lookalikes_only() -> None:
    found = headline(readings(("mpox", {"mpox": 0.6}), ("chickenpox_or_measles", {"mpox": 0.9})))
    assert (found["accuracy4"].n, found["ece"].n) == (1, 1)
    assert found["mpox_specificity"].value == 0
    assert found["mpox_vs_lookalikes_accuracy"].value == 0.5


def test_an_interval_draws_whole_groups() -> None:
    cases = [("mpox", {"mpox": 0.9})] * 10 + [("mpox", {"mpox": 0.1})] * 10
    apart = headline(readings(*cases))["mpox_sensitivity"]
    of_two = headline(readings(*cases, groups=["a"] * 10 + ["b"] * 10))["mpox_sensitivity"]
    assert 0.2 < apart.low < apart.value == 0.5 < apart.high < 0.8
    assert (of_two.low, of_two.value, of_two.high) == (0, 0.5, 1)

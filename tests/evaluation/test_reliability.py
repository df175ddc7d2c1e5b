"""Bins of equal mass and the expected calibration error, by hand."""

import numpy as np
import pytest

from evaluation.reliability import bins, error_of


def test_five_bins_of_equal_mass_by_hand() -> None:
    confidence = np.array([0.9, 0.3, 0.5, 0.4, 0.95, 0.6, 0.7, 0.8, 0.99, 0.65])
    right = np.array([True, False, True, False, True, False, True, True, True, True])
    found = bins(confidence, right, 5)
    assert [(round(b.confidence, 3), b.right, b.n) for b in found] == [
        (0.35, 0.0, 2), (0.55, 0.5, 2), (0.675, 1.0, 2), (0.85, 1.0, 2), (0.97, 1.0, 2),
    ]  # fmt: skip
    assert error_of(found) == pytest.approx((0.35 + 0.05 + 0.325 + 0.15 + 0.03) / 5)


def test_bins_differ_by_one_at_most_and_weigh_by_their_size() -> None:
    found = bins(np.linspace(0.3, 0.9, 7), np.ones(7, dtype=bool), 5)
    assert [b.n for b in found] == [2, 2, 1, 1, 1]
    assert error_of(found) == pytest.approx(1 - np.linspace(0.3, 0.9, 7).mean())


def test_equal_confidences_give_one_answer_in_every_order() -> None:
    confidence, right = np.full(10, 0.5), np.array([True] * 5 + [False] * 5)
    shuffled = np.random.default_rng(0).permutation(10)
    assert bins(confidence, right, 5) == bins(confidence[shuffled], right[shuffled], 5)

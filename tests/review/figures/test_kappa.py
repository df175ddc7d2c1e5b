"""Kappa is scikit-learn's; its interval is what the delta method makes of it by numbers alone."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from review.figures.figure import Figure, Z, rate, spread
from review.figures.kappa import kappa

NAMES = ("emergency", "urgent", "priority", "routine", "self_care")


def _drawn(seed: int, n: int, alike: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    chance = np.random.default_rng(seed)
    one = chance.choice(len(NAMES), n, p=[0.05, 0.2, 0.3, 0.35, 0.1])
    return one, np.where(chance.random(n) < alike, one, chance.integers(0, len(NAMES), n))


def _pairs(one: NDArray[np.int64], other: NDArray[np.int64]) -> dict[tuple[str, str], int]:
    return Counter((NAMES[a], NAMES[b]) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("alike", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("seed", range(4))
def test_kappa_is_that_of_scikit_learn(seed: int, alike: float) -> None:
    one, other = _drawn(seed, 40 + 60 * seed, alike)
    assert kappa(_pairs(one, other)).value == pytest.approx(cohen_kappa_score(one, other), abs=1e-12)


@pytest.mark.parametrize("alike", [0.1, 0.5, 0.8])
def test_its_interval_is_that_of_the_delta_method(alike: float) -> None:
    one, other = _drawn(5, 300, alike)
    cells = np.zeros((len(NAMES), len(NAMES)))
    np.add.at(cells, (one, other), 1 / len(one))
    slopes = np.zeros_like(cells)
    for place in np.ndindex(cells.shape):
        step = np.zeros_like(cells)
        step[place] = 1e-6
        slopes[place] = (_of(cells + step) - _of(cells - step)) / 2e-6
    variance = ((cells * slopes**2).sum() - (cells * slopes).sum() ** 2) / len(one)
    found = kappa(_pairs(one, other))
    assert found.value is not None
    assert found.high == pytest.approx(found.value + Z * variance**0.5, abs=1e-6)
    assert found.low == pytest.approx(found.value - Z * variance**0.5, abs=1e-6)


def _of(cells: NDArray[np.float64]) -> float:
    expected = float(cells.sum(0) @ cells.sum(1))
    return (float(np.trace(cells)) - expected) / (1 - expected)


def test_perfect_agreement_is_one_and_has_no_width() -> None:
    assert kappa({("urgent", "urgent"): 10, ("routine", "routine"): 10}) == Figure(1, 1, 1, 20)


@pytest.mark.parametrize("pairs", [{}, {("urgent", "urgent"): 9}, {("urgent", "urgent"): 50}])
def test_few_pairs_and_pairs_of_one_name_only_tell_no_kappa(pairs: dict[tuple[str, str], int]) -> None:
    assert kappa(pairs) == Figure(None, None, None, sum(pairs.values()))


def test_no_rate_and_no_time_is_told_of_fewer_than_ten() -> None:
    assert rate(9, 9) == Figure(None, None, None, 9)
    assert spread([1, 2, 3], 9) == Figure(None, None, None, 9)
    assert rate(5, 10).value == 0.5
    assert spread([1, 2, 3], 10) == Figure(2, 1, 3, 10)

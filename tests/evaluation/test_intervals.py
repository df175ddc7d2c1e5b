"""Intervals come from whole groups: rows of one scene are not independent."""

import numpy as np
import pytest

from evaluation.intervals import with_interval

RIGHT = np.array([1, 1, 1, 1, 0, 0, 1, 0], dtype=float)


def share(rows: np.ndarray) -> float:
    return float(RIGHT[rows].mean())


def test_the_value_is_the_measure_of_all_rows_and_lies_within_its_interval() -> None:
    figure = with_interval(share, [str(i) for i in range(8)])
    assert figure.value == pytest.approx(5 / 8)
    assert figure.low < figure.value < figure.high
    assert figure.as_dict()["n"] == 8


def test_rows_of_fewer_groups_give_a_wider_interval() -> None:
    alone = with_interval(share, [str(i) for i in range(8)])
    together = with_interval(share, ["a", "a", "a", "a", "b", "b", "c", "c"])
    assert together.high - together.low > alone.high - alone.low


def test_the_same_rows_give_the_same_interval() -> None:
    groups = ["a", "a", "b", "b", "c", "c", "d", "d"]
    assert with_interval(share, groups) == with_interval(share, groups)


def test_what_is_undefined_is_none() -> None:
    figure = with_interval(lambda rows: float("nan"), ["a", "b"])
    assert figure.as_dict() == {"value": None, "low": None, "high": None, "n": 2}
    assert with_interval(share, []).as_dict()["value"] is None


def test_draws_for_which_the_measure_is_undefined_are_left_out() -> None:
    def only_with_both(rows: np.ndarray) -> float:
        return share(rows) if len(np.unique(RIGHT[rows])) == 2 else float("nan")

    assert np.isfinite(with_interval(only_with_both, ["a", "a", "a", "a", "b", "b", "c", "c"]).low)

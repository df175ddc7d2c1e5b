"""The mathematics of a calibration, against numbers worked by hand and truths that were drawn."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vlm.calibrating import (
    Costs,
    Rule,
    choose_scaling,
    conformal_threshold,
    fit,
    fit_scaling,
    fit_temperature,
    folds,
    operating_point,
)
from vlm.engine.calibration import Calibration

Table = NDArray[np.float64]


def drawn(rows: int, seed: int, temperature: float = 1.0, bias: Table | None = None) -> tuple[Table, Table]:
    """Scores (N, 10) and labels drawn from their probabilities at `temperature` with `bias`."""
    chance = np.random.default_rng(seed)
    scores = chance.normal(0, 3, (rows, 10))
    raised = scores / temperature + (np.zeros(10) if bias is None else bias)
    truth = (raised + chance.gumbel(size=raised.shape)).argmax(axis=1)
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True), np.eye(10)[truth]


def names(count: int, a_group: int = 1) -> NDArray[np.str_]:
    return np.array([f"g{number // a_group}" for number in range(count)])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_temperature_that_made_the_labels_is_found_again(temperature: float) -> None:
    assert fit_temperature(*drawn(4000, 1, temperature)) == pytest.approx(temperature, rel=0.06)


def test_labels_shared_between_two_conditions_ask_for_even_odds() -> None:
    scores, label = np.zeros((8, 10)), np.zeros((8, 10))
    scores[:, :2], label[:, :2] = (6.0, 3.0), 0.5
    fitted = fit_scaling(scores, label, with_bias=True)
    first, second = fitted.applied(scores)[0, :2]
    assert first - second < 3 / 2, "the bias draws the two together"


def test_a_bias_is_taken_where_it_helps_new_groups_and_left_out_where_it_does_not() -> None:
    bias = np.linspace(-2, 2, 10)
    chosen = choose_scaling(*drawn(1500, 2, 1.5, bias), names(1500))
    assert chosen.kind == "temperature and bias"
    assert chosen.log_loss["temperature and bias"] < chosen.log_loss["temperature"]
    assert np.allclose(chosen.scaling.bias, bias, atol=0.45)
    plain = [choose_scaling(*drawn(150, seed, 1.5), names(150)) for seed in range(10)]
    assert {(each.kind, each.scaling.bias.any()) for each in plain} == {("temperature", False)}


def test_folds_keep_groups_whole_and_do_not_hang_on_the_order_of_rows() -> None:
    groups = names(40, a_group=4)
    held = {frozenset(groups[rows]) for _, rows in folds(groups)}
    turned = {frozenset(groups[::-1][rows]) for _, rows in folds(groups[::-1])}
    assert held == turned
    assert sum(map(len, held)) == 10
    with pytest.raises(ValueError, match="two groups"):
        folds(names(4, a_group=4))


def test_conformal_quantiles_worked_by_hand() -> None:
    ten_to_nineteen = np.arange(10, 20) / 20  # 0.5, 0.55 ... 0.95
    # ceil(11 * 0.8) = 9th largest probability of the truth: 0.55; ceil(11 * 0.9) = 10th: 0.5.
    assert conformal_threshold(ten_to_nineteen, names(10), 0.8) == 0.55
    assert conformal_threshold(ten_to_nineteen, names(10), 0.9) == 0.5
    assert conformal_threshold(ten_to_nineteen, names(10), 0.95) == 0.0, "11 * 0.95 > 10: too few"
    assert conformal_threshold(np.full(9, 0.7), names(9), 0.9) == 0.7, "nine are just enough for 90 %"


def test_photographs_of_one_group_share_its_weight() -> None:
    # Three groups, 0.5 needs 2 of 4 parts: 0.9 gives a half, 0.8 one and a half, 0.6 two and a half.
    truth, groups = np.array([0.9, 0.1, 0.8, 0.6]), np.array(["g0", "g0", "g1", "g2"])
    assert conformal_threshold(truth, groups, 0.5) == 0.6
    # Copies of one scene would move the quantile of single rows, the 6th of 10, to 0.9.
    copies = np.array([0.9] * 6 + [0.1] * 2 + [0.8, 0.6])
    assert conformal_threshold(copies, np.array(["g0"] * 8 + ["g1", "g2"]), 0.5) == 0.6


def test_sets_hold_the_truth_as_often_as_stated_in_new_draws() -> None:
    held = []
    for seed in range(40):
        scores, labels = drawn(340, seed, 1.7)
        fitted = fit(scores[:140], labels[:140], names(140, a_group=2), coverage=0.9)
        probabilities = np.exp(fitted.scaling.applied(scores[140:]))
        held.append(fitted.in_set(probabilities)[labels[140:] == 1].mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)


def test_an_operating_point_by_specificity_worked_by_hand() -> None:
    others = np.arange(1, 20) / 100  # 19 of them: ceil(20 * 0.9) = 18th: 0.18, so half-way to 0.19
    scored, ill = np.append(others, [0.17, 0.4, 0.9]), np.array([False] * 19 + [True] * 3)
    point = operating_point(scored, ill, specificity=0.9)
    assert point == pytest.approx(0.185)
    assert (scored[~ill] >= point).sum() == 1
    assert operating_point(scored, ill, specificity=0.999) == pytest.approx((0.19 + 0.4) / 2)


def test_an_operating_point_by_costs_worked_by_hand() -> None:
    scored = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.8])
    ill = np.array([False, False, True, False, True, True])
    # Misses and alarms cost alike: 0.25 (one alarm) and 0.5 (one miss) both cost one; the lower misses fewer.
    assert operating_point(scored, ill, costs=Costs(miss=1)) == pytest.approx(0.25)
    # An alarm costs five misses: yes only above 0.4, where no alarm is left.
    assert operating_point(scored, ill, costs=Costs(miss=1, false_alarm=5)) == pytest.approx(0.5)
    # Among nobody ill every yes is an alarm; among all ill every no is a miss.
    rare = Costs(miss=1, prevalence=0.0001)
    assert operating_point(scored, ill, costs=rare) == pytest.approx(0.5)
    assert operating_point(scored, ill, costs=Costs(miss=1, prevalence=1.0)) == 0.0


def test_an_operating_point_asks_for_one_rule_and_both_sides() -> None:
    scored = np.array([0.1, 0.9])
    for wrong in ({}, {"specificity": 0.9, "costs": Costs(1)}):
        with pytest.raises(ValueError, match="either"):
            operating_point(scored, np.array([True, False]), **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cases and others"):
        operating_point(scored, np.array([True, True]), specificity=0.9)


def test_an_undecided_row_is_a_negative_for_mpox_and_nothing_for_its_two_conditions() -> None:
    scores, labels = drawn(120, 5)
    undecided = np.zeros((30, 10))
    undecided[:, 1:3] = 0.5
    # The undecided rows look like mpox: they push its point up, and cannot touch chickenpox's.
    looks = np.tile(np.log([0.91, *[0.01] * 9]), (30, 1))
    every, marks = np.vstack([scores, looks]), np.vstack([labels, undecided])
    fitted = fit(every, marks, names(150), rule=Rule(specificity=0.9))
    probabilities = np.exp(fitted.scaling.applied(every))
    alarms = probabilities[marks[:, 0] == 0, 0] >= fitted.operating_points["mpox"]
    assert alarms.mean() <= 0.1
    sure = marks[:, 1] != 0.5
    expected = operating_point(probabilities[sure, 1], marks[sure, 1] == 1, specificity=0.9)
    assert fitted.operating_points["chickenpox"] == expected
    assert fitted.groups == 120, "undecided rows do not count for the sets"


def test_what_is_written_is_what_a_model_folder_reads() -> None:
    scores, labels = drawn(200, 6, 2.0)
    labels[labels[:, 9] == 1] = np.eye(10)[8]
    fitted = fit(scores, labels, names(200, a_group=2))
    read = Calibration.model_validate(fitted.as_file("v", "0" * 64))
    assert read.temperature == fitted.scaling.temperature
    assert "sek" not in read.operating_points, "a condition without cases has no operating point"
    assert read.conformal is not None
    assert (read.conformal.threshold, read.conformal.n) == (fitted.threshold, 100)


def test_the_same_rows_in_another_order_give_the_same_calibration() -> None:
    scores, labels = drawn(80, 7, 2.0)
    groups, order = names(80, a_group=3), np.random.default_rng(8).permutation(80)
    one, other = fit(scores, labels, groups), fit(scores[order], labels[order], groups[order])
    assert one.chosen.kind == other.chosen.kind
    assert one.scaling.temperature == pytest.approx(other.scaling.temperature, rel=1e-4)
    assert one.threshold == pytest.approx(other.threshold, abs=1e-4)

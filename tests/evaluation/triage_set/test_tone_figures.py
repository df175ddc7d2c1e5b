"""Figures by skin tone, and answers that flip."""

import numpy as np

from evaluation.triage_set.tone_figures import tone
from tests.evaluation.triage_set.answers import probabilities, readings

YES, NO = {"mpox": 0.9}, {"mpox": 0.1}
DARK, MIDDLE, LIGHT = -20.0, 20.0, 50.0


def test_dark_and_light_skin_are_told_apart() -> None:
    found = tone(
        readings(
            ("mpox", YES), ("mpox", YES), ("mpox", YES), ("mpox", NO), ("mpox", NO),
            ("nev", NO), ("nev", YES), ("healthy", NO), ("chickenpox_or_measles", NO),
            ita=[DARK, DARK, LIGHT, LIGHT, MIDDLE, DARK, DARK, LIGHT, LIGHT],
        )
    )  # fmt: skip
    sensitivity, specificity = found["mpox_sensitivity"], found["mpox_specificity"]
    assert [sensitivity[band].value for band in ("dark", "middle", "light")] == [1, 0, 0.5]
    assert (sensitivity["dark_minus_light"].value, sensitivity["dark_minus_light"].n) == (0.5, 4)
    assert [specificity[band].value for band in ("dark", "light")] == [0.5, 1]
    assert specificity["middle"].n == 0
    assert specificity["dark_minus_light"].value == -0.5
    among_pox = found["mpox_specificity_among_pox"]
    assert (among_pox["dark"].n, among_pox["light"].n, among_pox["light"].value) == (0, 2, 1)
    assert specificity["dark_minus_light"].low <= -0.5 <= specificity["dark_minus_light"].high


def test_without_one_side_there_is_no_difference() -> None:
    found = tone(readings(("mpox", YES), ita=[DARK]))
    assert found["mpox_sensitivity"]["dark_minus_light"].as_dict()["value"] is None


def test_an_answer_flips_when_either_shift_flips_it() -> None:
    yes, no = probabilities(**YES), probabilities(**NO)
    found = tone(
        readings(
            ("mpox", YES), ("mpox", YES), ("nev", NO), ("nev", NO),
            lighter=np.array([no, yes, no, no]),
            darker=np.array([yes, yes, yes, no]),
        )
    )["flips"]  # fmt: skip
    assert (found["all"].value, found["all"].n) == (0.5, 4)
    assert (found["mpox"].value, found["nev"].value, found["pox"].n) == (0.5, 0.5, 2)


def test_a_change_that_does_not_cross_the_point_is_no_flip() -> None:
    nearly = probabilities(mpox=0.49)
    found = tone(readings(("nev", NO), lighter=np.array([nearly]), darker=np.array([nearly])))
    assert found["flips"]["all"].value == 0


def test_photographs_without_both_shifts_are_left_out() -> None:
    yes, nothing = probabilities(**YES), [float("nan")] * 10
    found = tone(
        readings(("mpox", NO), ("mpox", NO), lighter=np.array([yes, yes]), darker=np.array([yes, nothing]))
    )
    assert (found["flips"]["all"].value, found["flips"]["all"].n) == (1, 1)

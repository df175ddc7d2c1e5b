"""The numbers behind the flags."""

from hypothesis import given

from tests.triage.cases import findings, scored, sure_of
from triage import Findings
from triage.signals import disagreement, prediction_set_of, signals_of


def test_what_was_not_measured_has_no_number() -> None:
    told = signals_of(sure_of("mpox", 1.0))
    assert told == {"entropy": 0.0, "disagreement": None, "image_dependence": None}


def test_views_that_share_nothing_disagree_wholly_and_equal_ones_not_at_all() -> None:
    sure = scored(mpox=1.0)
    assert disagreement(Findings(findings=sure, classifier=scored(nev=1.0))) == 1
    assert disagreement(Findings(findings=sure, classifier=sure)) == 0


def test_disagreement_is_the_probability_that_would_have_to_move() -> None:
    told = Findings(findings=scored(mpox=0.7, nev=0.3), classifier=scored(mpox=0.2, nev=0.8))
    assert round(disagreement(told) or 0, 9) == 0.5


@given(findings)
def test_every_number_lies_between_0_and_1(told: Findings) -> None:
    assert all(value is None or 0 <= value <= 1 for value in signals_of(told).values())


def test_a_prediction_set_is_told_with_its_coverage_and_nothing_without_one() -> None:
    told = sure_of("mpox").model_copy(update={"prediction_set": ("mpox", "measles"), "set_coverage": 0.9})
    assert prediction_set_of(told) == {"prediction_set": ["mpox", "measles"], "coverage": 0.9}
    assert prediction_set_of(sure_of("mpox")) == {}

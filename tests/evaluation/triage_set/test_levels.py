"""Given levels against reference levels."""

import pytest

from evaluation.triage_set.errors import EvaluationError
from evaluation.triage_set.levels import levels
from tests.evaluation.triage_set.answers import readings
from triage.policy import load_policy

POLICY = load_policy()


def test_the_reference_is_the_level_of_the_true_condition() -> None:
    found = levels(
        readings(
            ("mpox", {"mpox": 0.9}),  # urgent, given urgent
            ("mpox", {"healthy": 0.95}),  # urgent, given routine
            ("nev", {"nev": 0.95}),  # routine, given routine
            ("nev", {"mpox": 0.9}),  # routine, given urgent
            ("chickenpox_or_measles", {"mpox": 0.9}),  # no reference
        ),
        POLICY,
    )
    assert found["levels"] == ["urgent", "routine"]
    assert found["confusion"] == [[1, 1], [1, 1]]
    assert (found["same"].value, found["less_urgent"].value, found["more_urgent"].value) == (0.5, 0.25, 0.25)
    assert found["same"].n == 4


def test_a_column_of_reference_levels_comes_first() -> None:
    found = levels(
        readings(
            ("nev", {"nev": 0.95}),
            ("chickenpox_or_measles", {"nev": 0.95}),
            columns=[{"reference_level": "priority"}, {"reference_level": "routine"}],
        ),
        POLICY,
    )
    assert (found["less_urgent"].value, found["same"].value, found["same"].n) == (0.5, 0.5, 2)


def test_an_unknown_reference_level_is_refused() -> None:
    with pytest.raises(EvaluationError, match="reference_level 'soon' is no level; use emergency"):
        levels(readings(("nev", {"nev": 0.9}), columns=[{"reference_level": "soon"}]), POLICY)

"""The expected calibration error among the four."""

import pytest

from evaluation.triage_set.calibration import calibration_error
from tests.evaluation.triage_set.answers import readings


def test_the_confidence_is_the_best_of_the_four_among_the_four() -> None:
    found = calibration_error(
        readings(("mpox", {"mpox": 0.4, "chickenpox": 0.1, "measles": 0, "healthy": 0}))
    )
    assert found.value == pytest.approx(1 - 0.8)

"""Nothing but a laboratory result makes a case probable or confirmed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from triage import CONDITIONS, Condition, Laboratory, surveillance_status


def found(test: str, result: str = "positive", **more: Any) -> Laboratory:
    return Laboratory.model_validate({"test": test, "result": result, **more})


@given(st.sampled_from([None, *CONDITIONS]), st.sampled_from([None, *CONDITIONS]))
def test_without_a_laboratory_a_case_is_suspected_at_the_most(
    diagnosis: Condition | None, counted_as: Condition | None
) -> None:
    assert surveillance_status(diagnosis, None, counted_as) in ("suspected", "ruled_out")


@pytest.mark.parametrize("test", ["mpxv_pcr", "mpxv_sequencing", "mpxv_culture"])
@pytest.mark.parametrize("diagnosis", ["mpox", None])
def test_mpox_virus_by_pcr_sequencing_or_culture_confirms(test: str, diagnosis: Condition | None) -> None:
    assert surveillance_status(diagnosis, found(test)) == "confirmed"


@pytest.mark.parametrize("test", ["orthopoxvirus_pcr", "orthopoxvirus_antigen"])
def test_orthopoxvirus_dna_or_antigen_makes_a_case_probable(test: str) -> None:
    assert surveillance_status("mpox", found(test)) == "probable"


@pytest.mark.parametrize(
    ("days", "status"),
    [
        (None, "suspected"),
        (0, "suspected"),
        (3, "suspected"),
        (4, "probable"),
        (56, "probable"),
        (57, "suspected"),
    ],
)
def test_igm_counts_from_4_to_56_days_after_the_rash_began(days: int | None, status: str) -> None:
    assert surveillance_status("mpox", found("orthopoxvirus_igm", days_after_onset=days)) == status


def test_another_orthopoxvirus_lately_takes_probable_away_but_not_confirmed() -> None:
    vaccinated = {"recent_orthopoxvirus_exposure": "yes"}
    assert surveillance_status("mpox", found("orthopoxvirus_pcr", **vaccinated)) == "suspected"
    assert surveillance_status("mpox", found("mpxv_pcr", **vaccinated)) == "confirmed"


@pytest.mark.parametrize("test", ["mpxv_pcr", "orthopoxvirus_pcr"])
def test_a_negative_pcr_rules_mpox_out(test: str) -> None:
    assert surveillance_status("mpox", found(test, "negative")) == "ruled_out"


@pytest.mark.parametrize("test", ["orthopoxvirus_igm", "orthopoxvirus_antigen", "mpxv_culture"])
def test_a_negative_result_of_another_test_rules_nothing_out(test: str) -> None:
    assert surveillance_status("mpox", found(test, "negative")) == "suspected"


@pytest.mark.parametrize("test", ["mpxv_pcr", "orthopoxvirus_igm"])
def test_an_inconclusive_result_changes_nothing(test: str) -> None:
    assert surveillance_status("mpox", found(test, "inconclusive", days_after_onset=10)) == "suspected"


def test_another_diagnosis_rules_the_condition_counted_out_unless_the_laboratory_found_mpox() -> None:
    assert surveillance_status("chickenpox", None, "mpox") == "ruled_out"
    assert surveillance_status("chickenpox", found("mpxv_pcr"), "mpox") == "confirmed"


def test_a_laboratory_result_for_mpox_says_nothing_of_other_conditions() -> None:
    assert surveillance_status("measles", found("mpxv_pcr")) == "suspected"
    assert surveillance_status("measles", found("mpxv_pcr", "negative")) == "suspected"
    assert surveillance_status("mpox", found("mpxv_pcr"), "measles") == "ruled_out"


def test_unknown_fields_and_impossible_days_are_refused() -> None:
    with pytest.raises(ValidationError):
        found("mpxv_pcr", day=3)
    with pytest.raises(ValidationError):
        found("mpxv_pcr", days_after_onset=-1)

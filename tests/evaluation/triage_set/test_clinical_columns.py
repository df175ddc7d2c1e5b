"""Only what a manifest says is told to the model."""

import pytest

from evaluation.triage_set.clinical_columns import BARE, NO_AGE_GIVEN, clinical_of
from vlm.mpoxvlm.prompt import prompt

PAD = {
    "age": "63", "gender": "FEMALE", "fitspatrick": "2.0", "region": "FOREARM", "diameter_1": "10.0",
    "diameter_2": "0.0", "itch": "True", "grew": "False", "hurt": "UNK", "bleed": "True", "changed": "",
    "elevation": "True", "skin_cancer_history": "True", "cancer_history": "False", "biopsed": "True",
}  # fmt: skip


def test_the_columns_of_pad_become_clinical_information() -> None:
    found = clinical_of(PAD)
    assert (found.age.years, found.sex, found.fitzpatrick) == (63, "female", 2)
    lesions = found.lesions
    assert (lesions.sites, lesions.diameter_1_mm, lesions.diameter_2_mm) == (("forearm",), 10, None)
    answers = {
        name: getattr(lesions, name) for name in ("itch", "grew", "hurt", "bleed", "changed", "elevation")
    }
    assert answers == {
        "itch": "yes", "grew": "no", "hurt": "unknown",
        "bleed": "yes", "changed": "unknown", "elevation": "yes",
    }  # fmt: skip
    assert (found.risk_factors.skin_cancer_history, found.risk_factors.cancer_history) == ("yes", "no")


def test_nothing_given_is_information_without_a_fact() -> None:
    assert clinical_of({"class": "monkeypox", "dataset": "msid", "itch": "", "age": ""}) == BARE
    assert (BARE.age.years, BARE.sex) == (NO_AGE_GIVEN, "unknown")
    told = prompt(BARE)
    assert (told.facts, told.red_flags) == ((), ())


@pytest.mark.parametrize(
    "row", [{"age": "UNK"}, {"age": "-3"}, {"age": "nan"}, {"gender": "?"}, {"diameter_1": "big"}]
)
def test_what_is_not_understood_says_nothing(row: dict[str, str]) -> None:
    assert clinical_of(row) == BARE


def test_an_infant_has_its_months_and_an_odd_site_is_another_site() -> None:
    found = clinical_of({"age": "1", "region": "ELBOW", "sex": "male"})
    assert (found.age.months, found.lesions.sites, found.sex) == (12, ("other",), "male")

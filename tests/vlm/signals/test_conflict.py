"""An explanation that says the opposite of an answer is found; one that says nothing of it is not."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triage.cases import answered
from tests.vlm.drawn import clinical
from training.explanations import explanation
from training.simulated_clinical import draw_clinical
from triage.findings import CONDITIONS
from triage.questions import QUESTIONS
from vlm.mpoxvlm.prompt import wording
from vlm.signals.conflict import contradicts

FEVER_NO, FEVER_YES = {"symptoms.fever": "no"}, {"symptoms.fever": "yes"}
BOTH_ITCH_NO = {"symptoms.itch": "no", "lesions.itch": "no"}

CONFLICTS = [
    ("The patient has a fever.", FEVER_NO),
    ("The patient is febrile with a rash.", FEVER_NO),
    ("Facts that weighed: fever; swollen nodes.", FEVER_NO),
    ("No cough but fever for three days.", FEVER_NO),
    ("The patient denies cough, and has a fever.", FEVER_NO),
    ("There is no fever.", FEVER_YES),
    ("Without fever or cough.", FEVER_YES),
    ("No chills or fever.", FEVER_YES),
    ("No cough, headache or fever.", FEVER_YES),
    ("The patient denies fever.", FEVER_YES),
    ("Absence of fever speaks against measles.", FEVER_YES),
    ("The patient is afebrile.", FEVER_YES),
    ("Fever is absent.", FEVER_YES),
    ("Fever: no.", FEVER_YES),
    ("Fever was not reported.", FEVER_YES),
    ("Fever and lymphadenopathy are present.", {"symptoms.swollen_nodes": "no"}),
    ("Enlarged  lymph nodes.", {"symptoms.swollen_nodes": "no"}),
    ("The lesions are pruritic.", BOTH_ITCH_NO),
    ("There is no itching.", {"symptoms.itch": "yes"}),
    ("The patient is pregnant.", {"risk_factors.pregnant": "no"}),
    ("The patient is not pregnant.", {"risk_factors.pregnant": "yes"}),
    ("Vaccinated against measles.", {"exposure_21_days.measles_vaccinated": "no"}),
    ("Unvaccinated against measles.", {"exposure_21_days.measles_vaccinated": "yes"}),
    ("Contact with a measles case.", {"exposure_21_days.contact_with_measles_case": "no"}),
    ("Chest pain is reported.", {"red_flags.chest_pain": "no"}),
    ("Red flags answered yes: eye symptoms.", {"red_flags.eye": "no"}),
    ("No red flags.", {"red_flags.sepsis": "yes"}),
    ("Red flags answered yes: none reported.", {"red_flags.eye": "yes"}),
    ("It looks like mpox. Dyspnoea is present. See a doctor.", {"red_flags.breathing_difficulty": "no"}),
]  # fmt: skip

NO_CONFLICTS = [
    ("", FEVER_NO),
    ("The patient has a fever.", FEVER_YES),
    ("The patient has a fever.", {}),
    ("There is no fever.", {}),
    ("There is no fever.", FEVER_NO),
    ("Fever is typical of measles.", FEVER_NO),
    ("Mpox often begins with fever and swollen nodes.", FEVER_NO),
    ("Typical of it: painful blisters with fever.", FEVER_NO),
    ("A fever may follow.", FEVER_NO),
    ("Ask whether there is fever.", FEVER_NO),
    ("Is there a fever?", FEVER_NO),
    ("Come back if fever appears.", FEVER_NO),
    ("No rash; fever for three days.", FEVER_YES),
    ("The patient denies cough but reports fever.", FEVER_YES),
    ("No cough, although febrile.", FEVER_YES),
    ("Chest pain is reported.", {"red_flags.chest_pain": "yes", "symptoms.pain": "no"}),
    ("Back pain.", {"symptoms.back_pain": "yes", "symptoms.pain": "no"}),
    ("Itching.", {"symptoms.itch": "yes", "lesions.itch": "no"}),
    ("There is no itching.", {"symptoms.itch": "yes", "lesions.itch": "no"}),
    ("Feverfew was applied.", FEVER_NO),
    ("No red flags.", {"red_flags.sepsis": "no"}),
    ("Fits best: measles.", {"exposure_21_days.contact_with_measles_case": "no"}),
    ("Non-blanching rash with fever.", {"red_flags.non_blanching_rash_with_fever": "yes", **FEVER_NO}),
]


@pytest.mark.parametrize(("said", "answers"), CONFLICTS)
def test_the_opposite_of_an_answer_is_a_conflict(said: str, answers: dict[str, str]) -> None:
    assert contradicts(said, answered(answers))


@pytest.mark.parametrize(("said", "answers"), NO_CONFLICTS)
def test_what_agrees_or_tells_nothing_of_the_patient_is_none(said: str, answers: dict[str, str]) -> None:
    assert not contradicts(said, answered(answers))


@pytest.mark.parametrize(
    ("said", "stated", "conflict"),
    [
        ("A 34-year-old woman.", {"sex": "female"}, False),
        ("A 34-year-old man.", {"sex": "female"}, True),
        ("She has spots.", {"sex": "male"}, True),
        ("She has spots.", {"sex": "unknown"}, False),
        ("She has spots.", {"sex": "other"}, False),
        ("The patient is 60 years old.", {}, True),
        ("The patient is an adult.", {}, False),
        ("This young child has spots.", {}, True),
        ("Patient: 18 to 39 years.", {}, False),
        ("Patient: 65 years or older.", {}, True),
        ("An 8-month-old.", {"age": {"years": 0, "months": 8}}, False),
        ("A 9-month-old.", {"age": {"years": 0, "months": 8}}, True),
        ("There are 30 lesions.", {"lesions": {"count": "1-24"}}, True),
        ("There are 12 lesions.", {"lesions": {"count": "1-24"}}, False),
        ("Facts that weighed: over-250 lesions.", {"lesions": {"count": "over-250"}}, False),
        ("Facts that weighed: over-250 lesions.", {"lesions": {"count": "25-99"}}, True),
        ("There are 30 lesions.", {}, False),
        ("A lesion of 6 mm or more.", {"lesions": {"diameter_1_mm": 3, "diameter_2_mm": 2}}, True),
        ("A lesion of 6 mm or more.", {"lesions": {"diameter_1_mm": 3}}, False),
    ],
)
def test_another_age_sex_number_or_size_is_a_conflict(
    said: str, stated: dict[str, Any], conflict: bool
) -> None:
    assert contradicts(said, clinical(**stated)) == conflict


@pytest.mark.parametrize("path", QUESTIONS)
def test_every_question_has_words_that_conflict_with_a_no_and_whose_denial_conflicts_with_a_yes(
    path: str,
) -> None:
    section, _, name = path.partition(".")
    phrase = wording()[section][name]
    assert contradicts(f"Stated: {phrase}.", answered({path: "no"}))
    assert contradicts(f"The patient denies {phrase}.", answered({path: "yes"}))
    assert not contradicts(f"Stated: {phrase}.", answered({path: "yes"}))


@given(seed=st.integers(0, 2**32), condition=st.sampled_from(CONDITIONS), fill=st.booleans())
@settings(max_examples=150, deadline=None)
def test_an_explanation_of_the_facts_given_never_conflicts(seed: int, condition: Any, fill: bool) -> None:
    """In the words that the bundled model writes; `fill`: every other question is answered no."""
    told = draw_clinical(condition, {}, random.Random(seed))
    if fill:
        told = answered_no(told.model_dump(mode="json"))
    said = explanation(condition, told, ("medium light", "some redness", "patchy surface"))
    assert not contradicts(said, told)


def answered_no(told: Any) -> Any:
    """The same clinical information with no in place of unknown."""
    for path in QUESTIONS:
        section, _, name = path.partition(".")
        part = told[section][name] if section == "symptoms" else told[section]
        key = "present" if section == "symptoms" else name
        part[key] = "no" if part[key] == "unknown" else part[key]
    return type(clinical()).model_validate(told)

"""What people read of the clinical information, and the example to begin with."""

import pytest

from tests.triage.cases import all_no, answered, clinical
from triage import Clinical, Policy, decide, example_clinical, facts_in_words
from triage.clinical import Age, RedFlags
from triage.question_words import QUESTION_WORDS, SECTION_WORDS
from triage.questions import QUESTIONS
from triage.wording import Fact, age_in_words


def test_every_question_of_the_schema_has_words_and_its_section_a_title() -> None:
    assert set(QUESTION_WORDS) == set(QUESTIONS)
    assert {path.split(".")[0] for path in QUESTIONS} == set(SECTION_WORDS)


def test_red_flags_come_first_yes_before_unknown_before_no() -> None:
    said = all_no(red_flags__breathing_difficulty="yes", red_flags__sepsis="unknown", symptoms__cough="yes")
    facts = facts_in_words(answered(said))
    count = len(RedFlags.model_fields)
    assert [fact.section for fact in facts[:count]] == ["Red flags"] * count
    assert facts[0] == Fact("Red flags", "Difficulty breathing", "yes", is_red_flag=True)
    assert facts[1] == Fact("Red flags", "Signs of sepsis", "not known")
    assert {fact.answer for fact in facts[2:count]} == {"no"}
    assert sum(fact.is_red_flag for fact in facts) == 1


def test_every_question_is_shown_once() -> None:
    shown = [fact.label for fact in facts_in_words(clinical())]
    assert all(shown.count(words) == 1 for words in QUESTION_WORDS.values())


def test_onsets_counts_sites_and_sizes_are_put_in_words() -> None:
    case = clinical(
        symptoms={"fever": {"present": "yes", "onset_days_ago": 1}, "rash": {"present": "yes"}},
        lesions={"count": "25-99", "sites": ["hand", "face"], "diameter_1_mm": 6, "diameter_2_mm": 4.5},
    )
    words = {fact.label: fact.answer for fact in facts_in_words(case)}
    assert words["Fever"] == "yes, began 1 day ago"
    assert words["Rash"] == "yes"
    assert words["Cough"] == "not known"
    assert words["Number of lesions"] == "25 to 99"
    assert words["Sites"] == "face, hand"
    assert words["Diameters"] == "6 mm × 4.5 mm"


def test_the_platforms_own_reference_is_not_among_the_facts() -> None:
    case = clinical(patient_ref="canary-ref-7", free_text="It began on holiday.")
    answers = [fact.answer for fact in facts_in_words(case)]
    assert "canary-ref-7" not in answers
    assert "It began on holiday." in answers


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (Age(years=0, months=1), "1 month"),
        (Age(years=1, months=14), "14 months"),
        (Age(years=34), "34 years"),
    ],
)
def test_age_is_in_months_under_two_years(age: Age, words: str) -> None:
    assert age_in_words(age) == words


def test_the_example_is_valid_complete_and_routine(policy: Policy) -> None:
    decision = decide(None, Clinical.model_validate(example_clinical()), policy)
    assert (decision.level, decision.flags) == ("routine", ())


@pytest.mark.parametrize("name", RedFlags.model_fields)
def test_the_example_with_a_red_flag_differs_in_that_answer_only(name: str, policy: Policy) -> None:
    plain, flagged = example_clinical(), example_clinical(name)
    assert flagged["red_flags"] == plain["red_flags"] | {name: "yes"}
    assert {**flagged, "red_flags": None} == {**plain, "red_flags": None}
    assert decide(None, Clinical.model_validate(flagged), policy).flags == ("red_flag",)


def test_an_unknown_red_flag_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match=r"unknown red flag ear; choose one of eye, airway"):
        example_clinical("ear")

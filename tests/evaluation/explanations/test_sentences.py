"""What an explanation names and states, in the learnt form and in any other words."""

import pytest

from evaluation.explanations.sentences import names_every_red_flag, names_finding, states_only_given_facts
from tests.vlm.drawn import clinical

LEARNT = (
    "Fits best: {finding}. Red flags answered yes: {red_flags}. Seen: {seen}. "
    "Typical of it: firm bumps with fever. Facts that weighed: {facts}."
)
GIVEN = clinical(
    symptoms={"fever": {"present": "yes"}, "cough": {"present": "no"}},
    red_flags={"eye": "yes"},
    lesions={"sites": ["hand"], "diameter_1_mm": 9},
)


def learnt(
    finding: str = "mpox", red_flags: str = "eye symptoms", seen: str = "redness", facts: str = "fever"
) -> str:
    return LEARNT.format(finding=finding, red_flags=red_flags, seen=seen, facts=facts)


def test_the_named_finding_is_the_one_in_its_place() -> None:
    assert names_finding(learnt("mpox"), "mpox")
    assert not names_finding(learnt("measles"), "mpox")
    assert not names_finding(learnt("", seen="mpox"), "mpox")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("This looks like squamous cell carcinoma, not basal cell carcinoma.", "squamous cell carcinoma"),
        ("Measles is likely; mpox is less so.", "measles"),
        ("Mpoxlike, yet healthy skin.", "healthy skin"),
    ],
)
def test_in_other_words_the_first_condition_is_the_finding(text: str, named: str) -> None:
    assert [
        name
        for name in ("mpox", "measles", "squamous cell carcinoma", "healthy skin")
        if names_finding(text, name)
    ] == [named]
    assert not names_finding("No words for it.", named)


@pytest.mark.parametrize(
    "facts", ["none of those given", "fever", "fever; on the hand; lesion of 6 mm or more"]
)
def test_given_facts_may_be_stated_or_left_out(facts: str) -> None:
    assert states_only_given_facts(learnt(facts=facts), GIVEN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"facts": "fever; cough"},
        {"facts": "on the face"},
        {"facts": "eye symptoms"},
        {"facts": "a cold"},
        {"red_flags": "eye symptoms; airway at risk"},
        {"seen": "redness; headache"},
    ],
)
def test_a_fact_that_was_not_given_is_found(wrong: dict[str, str]) -> None:
    assert not states_only_given_facts(learnt(**wrong), GIVEN)


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("The patient has fever and no cough.", True),
        ("The patient has fever and headache.", False),
        ("There is no headache.", False),
        ("The patient coughs: cough is present.", False),
        ("Round bumps, likely mpox.", True),
    ],
)
def test_in_other_words_stated_and_denied_facts_must_be_given(text: str, true: bool) -> None:
    assert states_only_given_facts(text, GIVEN) is true


def test_every_red_flag_is_named() -> None:
    assert names_every_red_flag(learnt(), GIVEN)
    assert not names_every_red_flag(learnt(red_flags="none reported"), GIVEN)

"""What clinicians read: every term has its words, times are short, and red flags come first."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from db.ids import now
from db.models.cases import STATUSES
from db.review_queue import WAITING, WITHOUT_MODEL
from review.wording import (
    FLAG_WORDS,
    LEVEL_WORDS,
    STATUS_WORDS,
    TEST_WORDS,
    diagnosis_in_words,
    sections,
    time_until,
)
from triage import CONDITIONS, Clinical, Flag, Level, example_clinical, facts_in_words
from triage.case_status import LaboratoryTest


@pytest.mark.parametrize(
    ("words", "terms"),
    [(FLAG_WORDS, Flag), (LEVEL_WORDS, Level), (TEST_WORDS, LaboratoryTest)],
)
def test_every_term_has_its_words(words: dict[str, str], terms: Any) -> None:
    assert set(words) == set(get_args(terms))


def test_every_state_in_which_a_case_waits_has_its_words() -> None:
    assert set(STATUS_WORDS) == {*WAITING, *WITHOUT_MODEL}
    assert set(STATUS_WORDS) < set(STATUSES)


def test_no_look_confirms_mpox() -> None:
    assert diagnosis_in_words("mpox") == "suspected mpox"
    assert diagnosis_in_words("other") == "another diagnosis"
    assert all(diagnosis_in_words(condition) != condition for condition in ("ack", "bcc", "mel", "nev"))
    assert not any("confirmed" in diagnosis_in_words(condition) for condition in CONDITIONS)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "in 0 min"),
        (14, "in 14 min"),
        (130, "in 2 h 10 min"),
        (1440, "in 1 d"),
        (3030, "in 2 d 2 h"),
        (-1, "1 min late"),
        (-200, "3 h 20 min late"),
    ],
)
def test_a_due_time_is_told_in_short(minutes: int, words: str) -> None:
    at = now()
    assert time_until(at + timedelta(minutes=minutes), at) == words


def test_red_flags_stand_first_and_no_answer_is_lost() -> None:
    facts = facts_in_words(Clinical.model_validate(example_clinical("eye")))
    shown = sections(facts)
    assert shown[0].asks_red_flags
    assert [fact.label for fact in shown[0].told] == ["Lesion or other sign at the eye"]
    labels = [
        label
        for section in shown
        for label in (*(fact.label for fact in section.told), *section.denied, *section.not_known)
    ]
    assert sorted(labels) == sorted(fact.label for fact in facts)

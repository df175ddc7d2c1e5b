"""Answers that state what the caption does not are rejected; right ones pass, in other words too.

`answers.csv`: 305 right and 254 planted wrong answers to questions on invented captions. The rules were
written on the part `developed`. Each held-out part came afterwards and was measured once, before the rules
and words learnt from its mistakes:

| part | right ones rejected | wrong ones rejected |
| --- | --- | --- |
| held_out | 10 of 50 | 48 of 50 |
| held_out_2 | 23 of 40 | 24 of 24 |
| held_out_3 | 11 of 40 | 20 of 20 |
| held_out_4 | 11 of 25 | 10 of 10 |

So of free paraphrases on captions not met yet, expect three or four in ten to be lost: what the words do not
bear is rejected, true or not. Templates answer in the caption's own words and lose next to none.
"""

import csv
from pathlib import Path

import pytest

from training.textbooks.questions.facts import facts_in
from training.textbooks.questions.supported import unsupported

ANSWERS = Path(__file__).with_name("answers.csv")

Row = dict[str, str]


def rows() -> list[Row]:
    with ANSWERS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def is_rejected(row: Row) -> bool:
    facts = facts_in(row["caption"], row["modality"])
    return bool(unsupported(row["answer"], row["question"], row["caption"], facts))


def rejected_of(truth: str) -> tuple[int, int]:
    """How many of them are rejected, of how many."""
    asked = [row for row in rows() if row["truth"] == truth]
    missed = [row for row in asked if is_rejected(row) != (truth == "wrong")]
    for row in missed:
        print(f"  misjudged ({truth}, {row['kind']}, {row['part']}): {row['question']} {row['answer']}")
    return (len(asked) - len(missed) if truth == "wrong" else len(missed)), len(asked)


def test_planted_wrong_answers_are_rejected():
    rejected, asked = rejected_of("wrong")
    print(f"wrong answers rejected: {rejected} of {asked}")
    assert asked >= 200
    assert rejected / asked >= 0.95


def test_right_answers_pass():
    rejected, asked = rejected_of("right")
    print(f"right answers rejected: {rejected} of {asked}")
    assert asked >= 200
    assert rejected / asked <= 0.05


CAPTION = (
    "A 45-year-old woman with an itchy red plaque on the left forearm for 3 months; no ulceration. Psoriasis."
)


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("What is the diagnosis?", "Eczema.", "diagnosis, affirmed: eczema"),
        ("Where is it?", "On the thigh.", "sites: thigh"),
        ("Is it ulcerated?", "Yes", "yes to morphology: ulcer"),
        ("How long?", "45 years", "number: 45 years"),
        ("Is the patient older than 50 years?", "Yes", "age: compared wrongly"),
        ("Is the patient a man?", "Yes", "yes to sex: male"),
        ("Has she a fever?", "No", "no without ground"),
        ("What is it?", " ", "says nothing"),
        ("What is it?", "It is shown in the image.", "says nothing"),
    ],
)
def test_the_reason_is_named(question, answer, reason):
    assert reason in unsupported(answer, question, CAPTION, facts_in(CAPTION))

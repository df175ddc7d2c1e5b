"""Clinical information in words for people: one fact a line, red flags first.

Knows no page and no language but English; the text is plain and must be escaped where it is shown.
"""

from collections.abc import Iterator
from typing import NamedTuple

from triage.clinical import Age, Answer, Clinical, Symptom
from triage.question_words import QUESTION_WORDS, SECTION_WORDS
from triage.questions import answer

ANSWER_WORDS: dict[Answer, str] = {"yes": "yes", "no": "no", "unknown": "not known"}

_YES_FIRST: tuple[Answer, ...] = ("yes", "unknown", "no")


class Fact(NamedTuple):
    """One line of the clinical information; `is_red_flag` marks a red-flag question answered yes."""

    section: str
    label: str
    answer: str
    is_red_flag: bool = False


def facts_in_words(clinical: Clinical) -> list[Fact]:
    """All that the platform said of the patient, but for its own reference and consent.

    Red-flag questions come first, those answered yes before those not known before those answered no.
    """
    return [
        *_red_flags(clinical),
        *_patient(clinical),
        *_questions(clinical, "symptoms"),
        *_lesions(clinical),
        *_questions(clinical, "risk_factors"),
        *_questions(clinical, "exposure_21_days"),
        *_free_text(clinical),
    ]


def age_in_words(age: Age) -> str:
    """`5 months` under two years, else `34 years`."""
    amount, unit = (age.years, "year") if age.months is None else (age.months, "month")
    return _counted(amount, unit)


def _red_flags(clinical: Clinical) -> list[Fact]:
    paths = (path for path in QUESTION_WORDS if path.startswith("red_flags."))
    ordered = sorted(paths, key=lambda path: _YES_FIRST.index(answer(clinical, path)))
    return [_fact(clinical, path) for path in ordered]


def _questions(clinical: Clinical, section: str) -> Iterator[Fact]:
    return (_fact(clinical, path) for path in QUESTION_WORDS if path.startswith(f"{section}."))


def _fact(clinical: Clinical, path: str) -> Fact:
    section, name = path.split(".")
    said = answer(clinical, path)
    words = ANSWER_WORDS[said]
    value = getattr(getattr(clinical, section), name)
    if isinstance(value, Symptom) and value.onset_days_ago is not None and said == "yes":
        words = f"yes, began {_days_ago(value.onset_days_ago)}"
    return Fact(SECTION_WORDS[section], QUESTION_WORDS[path], words, section == "red_flags" and said == "yes")


def _patient(clinical: Clinical) -> Iterator[Fact]:
    section = "Patient"
    yield Fact(section, "Age", age_in_words(clinical.age))
    yield Fact(section, "Sex", "not known" if clinical.sex == "unknown" else clinical.sex)
    yield Fact(section, "Fitzpatrick skin type", str(clinical.fitzpatrick or "not known"))
    yield Fact(section, "Region", clinical.region)
    yield Fact(section, "Language", clinical.language)
    if clinical.onset_date is not None:
        yield Fact(section, "Illness began on", clinical.onset_date.isoformat())


def _lesions(clinical: Clinical) -> Iterator[Fact]:
    section, lesions = SECTION_WORDS["lesions"], clinical.lesions
    yield Fact(section, "Number of lesions", _count_in_words(lesions.count))
    yield Fact(section, "Sites", ", ".join(sorted(set(lesions.sites))) or "not known")
    yield from _questions(clinical, "lesions")
    diameters = [f"{d:g} mm" for d in (lesions.diameter_1_mm, lesions.diameter_2_mm) if d is not None]
    yield Fact(section, "Diameters", " × ".join(diameters) or "not known")


def _free_text(clinical: Clinical) -> Iterator[Fact]:
    if clinical.free_text:
        yield Fact("Free text", "Written by patient or platform", clinical.free_text)
    if clinical.capture_device:
        yield Fact("Photographs", "Taken with", clinical.capture_device)


def _count_in_words(count: str) -> str:
    return {"unknown": "not known", "over-250": "over 250"}.get(count, count.replace("-", " to "))


def _days_ago(days: int) -> str:
    return "today" if days == 0 else f"{_counted(days, 'day')} ago"


def _counted(amount: int, unit: str) -> str:
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"

"""Clinical information in words for people: one fact a line, red flags first.

Knows no page and no language but English: `say` brings a text into another one. The text is plain and must be
escaped where it is shown.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from triage.clinical import Age, Answer, Clinical, Symptom
from triage.question_words import QUESTION_WORDS, SECTION_WORDS
from triage.questions import answer

Say = Callable[..., str]

PATIENT, PHOTOGRAPHS, FREE_TEXT = "Patient", "Photographs", "Free text"
ANSWER_WORDS: dict[Answer, str] = {"yes": "yes", "no": "no", "unknown": "not known"}

_YES_FIRST: tuple[Answer, ...] = ("yes", "unknown", "no")


class Fact(NamedTuple):
    """One line of the clinical information; `is_red_flag` marks a red-flag question answered yes.

    `section` is English always, as its name in code; label and answer are in the language of `say`.
    """

    section: str
    label: str
    answer: str
    is_red_flag: bool = False


def english(text: str, **values: object) -> str:
    """The text as it is, with its values."""
    return text % values if values else text


def facts_in_words(clinical: Clinical, say: Say = english) -> list[Fact]:
    """All that the platform said of the patient, but for its own reference and consent.

    Red-flag questions come first, those answered yes before those not known before those answered no.
    """
    return [
        *_red_flags(clinical, say),
        *_patient(clinical, say),
        *_questions(clinical, "symptoms", say),
        *_lesions(clinical, say),
        *_questions(clinical, "risk_factors", say),
        *_questions(clinical, "exposure_21_days", say),
        *_free_text(clinical, say),
    ]


def age_in_words(age: Age, say: Say = english) -> str:
    """`5 months` under two years, else `34 years`."""
    if age.months is not None:
        return say("1 month") if age.months == 1 else say("%(n)s months", n=age.months)
    return say("1 year") if age.years == 1 else say("%(n)s years", n=age.years)


def _red_flags(clinical: Clinical, say: Say) -> list[Fact]:
    paths = (path for path in QUESTION_WORDS if path.startswith("red_flags."))
    ordered = sorted(paths, key=lambda path: _YES_FIRST.index(answer(clinical, path)))
    return [_fact(clinical, path, say) for path in ordered]


def _questions(clinical: Clinical, section: str, say: Say) -> Iterator[Fact]:
    return (_fact(clinical, path, say) for path in QUESTION_WORDS if path.startswith(f"{section}."))


def _fact(clinical: Clinical, path: str, say: Say) -> Fact:
    section, name = path.split(".")
    given = answer(clinical, path)
    words = say(ANSWER_WORDS[given])
    value = getattr(getattr(clinical, section), name)
    if isinstance(value, Symptom) and value.onset_days_ago is not None and given == "yes":
        words = _began(value.onset_days_ago, say)
    is_red_flag = section == "red_flags" and given == "yes"
    return Fact(SECTION_WORDS[section], say(QUESTION_WORDS[path]), words, is_red_flag)


def _patient(clinical: Clinical, say: Say) -> Iterator[Fact]:
    not_known = say("not known")
    yield Fact(PATIENT, say("Age"), age_in_words(clinical.age, say))
    yield Fact(PATIENT, say("Sex"), not_known if clinical.sex == "unknown" else say(clinical.sex))
    yield Fact(PATIENT, say("Fitzpatrick skin type"), str(clinical.fitzpatrick or not_known))
    yield Fact(PATIENT, say("Region"), clinical.region)
    yield Fact(PATIENT, say("Language"), clinical.language)
    if clinical.onset_date is not None:
        yield Fact(PATIENT, say("Illness began on"), clinical.onset_date.isoformat())


def _lesions(clinical: Clinical, say: Say) -> Iterator[Fact]:
    section, lesions, not_known = SECTION_WORDS["lesions"], clinical.lesions, say("not known")
    sites = ", ".join(say(site) for site in sorted(set(lesions.sites)))
    diameters = [f"{d:g} mm" for d in (lesions.diameter_1_mm, lesions.diameter_2_mm) if d is not None]
    yield Fact(section, say("Number of lesions"), _count_in_words(lesions.count, say))
    yield Fact(section, say("Sites"), sites or not_known)
    yield from _questions(clinical, "lesions", say)
    yield Fact(section, say("Diameters"), " × ".join(diameters) or not_known)


def _free_text(clinical: Clinical, say: Say) -> Iterator[Fact]:
    if clinical.free_text:
        yield Fact(FREE_TEXT, say("Written by patient or platform"), clinical.free_text)
    if clinical.capture_device:
        yield Fact(PHOTOGRAPHS, say("Taken with"), clinical.capture_device)


def _count_in_words(count: str, say: Say) -> str:
    if count == "unknown":
        return say("not known")
    if count == "over-250":
        return say("over 250")
    low, high = count.split("-")
    return say("%(low)s to %(high)s", low=low, high=high)


def _began(days: int, say: Say) -> str:
    if days == 0:
        return say("yes, began today")
    return say("yes, began 1 day ago") if days == 1 else say("yes, began %(n)s days ago", n=days)

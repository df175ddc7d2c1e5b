"""Words that clinicians read on the pages: flags, levels, times, and clinical information in short."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from math import inf
from typing import Any, NamedTuple, cast

from flask_babel import gettext

from triage import CONDITION_NAMES, CodedDiagnosis, Condition, Fact, Flag, Level
from triage.case_status import LaboratoryTest
from triage.question_words import SECTION_WORDS

LEVEL_WORDS: dict[Level, str] = {
    "emergency": "emergency",
    "urgent": "urgent",
    "priority": "priority",
    "routine": "routine",
    "self_care": "self-care",
    "not_gradable": "not gradable",
}

FLAG_WORDS: dict[Flag, str] = {
    "red_flag": "red flag",
    "low_confidence": "model is unsure",
    "models_disagree": "two parts of the model disagree",
    "image_quality": "photograph is poor",
    "image_ignored": "model did not use the photograph",
    "incomplete_information": "answers missing",
    "explanation_conflict": "explanation contradicts an answer",
    "no_ai_result": "no AI result",
}

ISSUE_WORDS = {
    "no_skin": "no skin seen",
    "small": "too small",
    "dark": "too dark",
    "bright": "too bright",
}

TEST_WORDS: dict[LaboratoryTest, str] = {
    "mpxv_pcr": "MPXV PCR",
    "mpxv_sequencing": "MPXV sequencing",
    "mpxv_culture": "MPXV culture",
    "orthopoxvirus_pcr": "orthopoxvirus PCR",
    "orthopoxvirus_antigen": "orthopoxvirus antigen",
    "orthopoxvirus_igm": "orthopoxvirus IgM",
}

# For each signal: the words for values below a bound, in rising order.
SIGNAL_WORDS: dict[str, tuple[tuple[float, str], ...]] = {
    "image_dependence": (
        (0.1, "The findings hardly change without the photograph"),
        (0.4, "The findings change somewhat without the photograph"),
        (inf, "The findings rest on the photograph"),
    ),
    "disagreement": (
        (0.2, "The two parts of the model agree"),
        (0.5, "The two parts of the model differ somewhat"),
        (inf, "The two parts of the model disagree"),
    ),
    "entropy": (
        (0.3, "The probabilities lie on few conditions"),
        (0.7, "The probabilities lie on several conditions"),
        (inf, "The probabilities are spread over many conditions"),
    ),
}

STATUS_WORDS = {
    "awaiting_review": "",
    "failed": "the model could not read it",
    "needs_retake": "new photographs asked for",
    "queued": "no AI result yet",
    "assessing": "no AI result yet",
}


def diagnosis_in_words(diagnosis: str) -> str:
    """A condition as it may be said without a laboratory result: mpox is suspected at the most."""
    if diagnosis == "mpox":
        return "suspected mpox"
    return "another diagnosis" if diagnosis == "other" else condition_name(cast(Condition, diagnosis))


def entry_in_words(entry: CodedDiagnosis) -> str:
    """An entry of the coded list with its codes, where it has any: `Eczema (ICD-10 ...)`."""
    codes = [("ICD-10", entry.icd10), ("SNOMED CT", entry.snomed)]
    named = ", ".join(f"{system} {code}" for system, code in codes if code)
    label = gettext(entry.label)
    return f"{label} ({named})" if named else label


def signals_in_words(signals: Mapping[str, float | None]) -> list[str]:
    """The measured numbers of a reading as sentences; nothing for what was not measured."""
    return [
        f"{_band(words, value)} ({value:.2f})."
        for name, words in SIGNAL_WORDS.items()
        if (value := signals.get(name)) is not None
    ]


def prediction_set_in_words(signals: Mapping[str, Any]) -> str | None:
    """`With 90 % coverage: mpox or chickenpox.`; None for a model without prediction sets."""
    members, coverage = signals.get("prediction_set"), signals.get("coverage")
    if members is None or coverage is None:
        return None
    named = [condition_name(condition) for condition in members] or ["none of the ten conditions"]
    *others, last = named
    return f"With {coverage * 100:g} % coverage: {' or '.join(filter(None, [', '.join(others), last]))}."


def _band(words: Iterable[tuple[float, str]], value: float) -> str:
    return next(text for below, text in words if value < below)


def condition_name(condition: Condition) -> str:
    """A condition's name."""
    return CONDITION_NAMES.get(condition, condition)


def time_until(moment: datetime, at: datetime) -> str:
    """`in 2 h 10 min`, or `3 d 4 h late`."""
    late = moment < at
    words = _length(at - moment if late else moment - at)
    return f"{words} late" if late else f"in {words}"


def _length(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


class Section(NamedTuple):
    """One section of the clinical information: what was told by line, no and not known in a line each."""

    name: str
    told: list[Fact]
    denied: list[str]
    not_known: list[str]

    @property
    def asks_red_flags(self) -> bool:
        """True for the section that stands first."""
        return self.name == SECTION_WORDS["red_flags"]

    @property
    def gaps(self) -> int:
        """How many answers are not known."""
        return len(self.not_known)


def sections(facts: Iterable[Fact]) -> list[Section]:
    """The clinical information in short, in the order of the facts."""
    return [_section(name, list(group)) for name, group in groupby(facts, key=lambda fact: fact.section)]


def _section(name: str, facts: list[Fact]) -> Section:
    return Section(
        name,
        [fact for fact in facts if fact.answer not in ("no", "not known")],
        [fact.label for fact in facts if fact.answer == "no"],
        [fact.label for fact in facts if fact.answer == "not known"],
    )

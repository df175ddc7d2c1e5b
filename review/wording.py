"""Words that clinicians read on the pages: flags, levels, times, and clinical information in short."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple, cast

from triage import CONDITION_NAMES, Condition, Fact, Flag, Level
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
    "explanation_conflict": "explanation contradicts the findings",
    "no_ai_result": "no AI result",
}

TEST_WORDS: dict[LaboratoryTest, str] = {
    "mpxv_pcr": "MPXV PCR",
    "mpxv_sequencing": "MPXV sequencing",
    "mpxv_culture": "MPXV culture",
    "orthopoxvirus_pcr": "orthopoxvirus PCR",
    "orthopoxvirus_antigen": "orthopoxvirus antigen",
    "orthopoxvirus_igm": "orthopoxvirus IgM",
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

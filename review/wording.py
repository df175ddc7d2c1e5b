"""Words that clinicians read on the pages: flags, levels, times, and clinical information in short.

All go through gettext when they are shown; the tables hold texts that are looked up then.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from math import inf
from typing import Any, NamedTuple, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from triage import CONDITION_NAMES, CodedDiagnosis, Condition, Fact, Flag, Level
from triage.case_status import LaboratoryTest
from triage.question_words import SECTION_WORDS
from web.texts import as_kept as as_kept
from web.texts import said as said

LEVEL_WORDS: dict[Level, str] = {
    "emergency": _("emergency"),
    "urgent": _("urgent"),
    "priority": _("priority"),
    "routine": _("routine"),
    "self_care": _("self-care"),
    "not_gradable": _("not gradable"),
}

FLAG_WORDS: dict[Flag, str] = {
    "red_flag": _("red flag"),
    "low_confidence": _("model is unsure"),
    "models_disagree": _("two parts of the model disagree"),
    "image_quality": _("photograph is poor"),
    "image_ignored": _("model did not use the photograph"),
    "incomplete_information": _("answers missing"),
    "explanation_conflict": _("explanation contradicts an answer"),
    "no_ai_result": _("no AI result"),
}

ISSUE_WORDS = {
    "no_skin": _("no skin seen"),
    "small": _("too small"),
    "dark": _("too dark"),
    "bright": _("too bright"),
}

TEST_WORDS: dict[LaboratoryTest, str] = {
    "mpxv_pcr": _("MPXV PCR"),
    "mpxv_sequencing": _("MPXV sequencing"),
    "mpxv_culture": _("MPXV culture"),
    "orthopoxvirus_pcr": _("orthopoxvirus PCR"),
    "orthopoxvirus_antigen": _("orthopoxvirus antigen"),
    "orthopoxvirus_igm": _("orthopoxvirus IgM"),
}

# For each signal: the words for values below a bound, in rising order.
SIGNAL_WORDS: dict[str, tuple[tuple[float, str], ...]] = {
    "image_dependence": (
        (0.1, _("The findings hardly change without the photograph")),
        (0.4, _("The findings change somewhat without the photograph")),
        (inf, _("The findings rest on the photograph")),
    ),
    "disagreement": (
        (0.2, _("The two parts of the model agree")),
        (0.5, _("The two parts of the model differ somewhat")),
        (inf, _("The two parts of the model disagree")),
    ),
    "entropy": (
        (0.3, _("The probabilities lie on few conditions")),
        (0.7, _("The probabilities lie on several conditions")),
        (inf, _("The probabilities are spread over many conditions")),
    ),
}

STATUS_WORDS = {
    "awaiting_review": "",
    "failed": _("the model could not read it"),
    "needs_retake": _("new photographs asked for"),
    "queued": _("no AI result yet"),
    "assessing": _("no AI result yet"),
}


VERDICT_WORDS = {
    "confirm": _("you agreed with the AI result"),
    "override": _("you gave your own level"),
    "retake": _("you asked for new photographs"),
    "escalate": _("you made the case more urgent"),
}

# Which key does what on the page of a case; the buttons themselves carry the key as aria-keyshortcuts.
KEY_WORDS = {
    "c": _("to the button that agrees; Enter then records it"),
    "o": _("override"),
    "t": _("ask for new photographs"),
    "e": _("escalate"),
    "1 2 3 4 5": _("in a blind reading: the level, most urgent first"),
    "Ctrl+Enter": _("send the form in which you type"),
    "Esc": _("leave the form in which you type"),
    "n p": _("next photograph, photograph before"),
    "v": _("two photographs side by side"),
    "+ - 0": _("larger, smaller, as at first"),
    "r": _("turn the photograph"),
    "s": _("show or hide where the model looked"),
    "l": _("keep the case longer"),
    "g": _("give the case back"),
    "k": _("skip the case, with a reason"),
    "h": _("hand the case over to a colleague"),
    "u": _("undo the decision of a moment ago"),
    "?": _("this help"),
}


def diagnosis_in_words(diagnosis: str) -> str:
    """A condition as it may be said without a laboratory result: mpox is suspected at the most."""
    if diagnosis == "mpox":
        return str(gettext("suspected mpox"))
    if diagnosis == "other":
        return str(gettext("another diagnosis"))
    return condition_name(cast(Condition, diagnosis))


def coded(diagnoses: Iterable[CodedDiagnosis]) -> dict[str, str]:
    """The diagnoses of a choice by their ids; the last is any other."""
    return {**{entry.id: entry_in_words(entry) for entry in diagnoses}, "other": gettext("another diagnosis")}


def level_table(levels: Iterable[Level]) -> dict[Level, Any]:
    """The levels of a choice, with their words."""
    return {level: LEVEL_WORDS[level] for level in levels}


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
    named = [condition_name(condition) for condition in members] or [gettext("none of the ten conditions")]
    *others, last = named
    one_of = gettext("%(others)s or %(last)s", others=", ".join(others), last=last) if others else last
    share = f"{coverage * 100:g}"
    return str(gettext("With %(coverage)s %% coverage: %(one_of)s.", coverage=share, one_of=one_of))


def _band(words: Iterable[tuple[float, str]], value: float) -> str:
    return next(text for below, text in words if value < below)


def condition_name(condition: Condition) -> str:
    """A condition's name."""
    return said(CONDITION_NAMES.get(condition, condition))


def time_until(moment: datetime, at: datetime) -> str:
    """`in 2 h 10 min`, or `3 d 4 h late`."""
    late = moment < at
    words = _length(at - moment if late else moment - at)
    return str(gettext("%(length)s late", length=words) if late else gettext("in %(length)s", length=words))


def _length(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days and hours:
        return str(gettext("%(days)s d %(hours)s h", days=days, hours=hours))
    if days:
        return str(gettext("%(days)s d", days=days))
    if hours:
        return str(gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes % 60))
    return str(gettext("%(minutes)s min", minutes=minutes))


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
    no, not_known = said("no"), said("not known")
    return Section(
        name,
        [fact for fact in facts if fact.answer not in (no, not_known)],
        [fact.label for fact in facts if fact.answer == no],
        [fact.label for fact in facts if fact.answer == not_known],
    )

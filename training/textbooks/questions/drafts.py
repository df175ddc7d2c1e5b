"""What can be asked of one pair by templates. Only facts that are there are asked about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from training.textbooks.clean.labels import are_akin, labels
from training.textbooks.questions.choosing import chosen
from training.textbooks.questions.facts import Facts
from training.textbooks.questions.templates import modality_name, templates
from training.textbooks.questions.vocabulary import terms, wider_terms
from training.textbooks.records import Cleaned, Modality

LIMITS = ("10", "18", "30", "40", "50", "60", "70")


@dataclass(frozen=True)
class Draft:
    """A question with its answer, not yet a sample."""

    kind: str
    question: str
    answer: str


@dataclass(frozen=True)
class YesNoDraft:
    """A question to which the answer is yes, and one to which it is no; None where the facts give none."""

    kind: str
    yes: str | None
    no: str | None


def open_drafts(cleaned: Cleaned, facts: Facts, key: str) -> Iterator[Draft]:
    """One draft a kind, for the kinds whose fact is there."""
    for kind, value in _values(cleaned, facts):
        if value:
            template = templates()[kind]
            yield Draft(kind, template.question(key), template.answer(key, value))


def yes_no_drafts(facts: Facts, key: str, seen: Sequence[str]) -> Iterator[YesNoDraft]:
    """One draft a kind; `seen`: diagnoses of the book, among which the wrong ones are looked for first."""
    yield _draft("is_diagnosis", key, _first(facts.diagnoses), _other_diagnosis(facts, key, seen))
    yield _draft("is_site", key, _pick(facts.present["sites"], key), _other_site(facts, key))
    yield _draft(
        "is_morphology", key, _pick(facts.present["morphology"], key), _pick(facts.absent["morphology"], key)
    )
    if facts.modality:
        others = [modality for modality in get_args(Modality) if modality != facts.modality]
        yield _draft(
            "is_modality", key, modality_name(facts.modality), modality_name(chosen(others, key, "modality"))
        )
    if facts.sex:
        yield _draft("is_sex", key, facts.sex, "male" if facts.sex == "female" else "female")
    if facts.age_years is not None:
        under = [limit for limit in LIMITS if float(limit) < facts.age_years]
        over = [limit for limit in LIMITS if float(limit) > facts.age_years]
        yield _draft("is_older", key, _pick(under, key), _pick(over, key))


def age_in_words(years: float) -> str:
    """In the unit that a reader would choose: years, below two of them months, below two of these days."""
    if years >= 2 or years == 1:
        number, unit = f"{years:.4g}", "year"
    elif years * 12 >= 1.99:
        number, unit = f"{round(years * 12, 1):.4g}", "month"
    else:
        days = years * 365.25
        number, unit = f"{round(days) if days >= 1 else round(days, 2)}", "day"
    return f"{number} {unit}{'' if number == '1' else 's'}"


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _values(cleaned: Cleaned, facts: Facts) -> Iterator[tuple[str, str]]:
    yield "caption", cleaned.text
    yield "diagnosis", _first(facts.diagnoses) or ""
    yield "morphology", listed(facts.present["morphology"])
    yield "colour", listed(facts.present["colours"])
    yield "site", listed(facts.present["sites"])
    yield "modality", modality_name(facts.modality) if facts.modality else ""
    yield "next_step", listed(facts.present["next_steps"])
    yield "differential", listed(facts.excluded)
    yield "age", age_in_words(facts.age_years) if facts.age_years is not None else ""
    yield "sex", facts.sex or ""


def _draft(kind: str, key: str, yes: str | None, no: str | None) -> YesNoDraft:
    template = templates()[kind]
    return YesNoDraft(
        kind,
        template.question(key, yes) if yes else None,
        template.question(key, no) if no else None,
    )


def _first(names: Sequence[str]) -> str | None:
    return names[0] if names else None


def _pick(names: Sequence[str], key: str) -> str | None:
    return chosen(names, key) if names else None


def _other_diagnosis(facts: Facts, key: str, seen: Sequence[str]) -> str | None:
    """One that was excluded; else another of the book's, or of the list, akin to none that is affirmed."""
    if facts.excluded:
        return chosen(facts.excluded, key)
    if not facts.diagnoses:
        return None
    for pool in (seen, [name for name, label in labels().items() if not label.alone]):
        others = [name for name in pool if not any(are_akin(name, label) for label in facts.diagnoses)]
        if others:
            return chosen(others, key, "diagnosis")
    return None


def _other_site(facts: Facts, key: str) -> str | None:
    there = facts.present["sites"]
    if not there:
        return None
    others = [
        name
        for name in terms("sites")
        if not any(name in wider_terms("sites", site) or site in wider_terms("sites", name) for site in there)
    ]
    return chosen(others, key, "site")

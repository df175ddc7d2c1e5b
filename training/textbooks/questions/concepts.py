"""Whether a caption bears what a text says of diagnoses, terms, sex, modality and numbers."""

import re
from collections.abc import Iterator
from math import isclose

from training.textbooks.clean.ages import age_in
from training.textbooks.clean.assertion import standing
from training.textbooks.clean.labels import folded, mentions, wider
from training.textbooks.clean.sexes import sex_in
from training.textbooks.questions.facts import Facts
from training.textbooks.questions.quantities import are_equal, quantities
from training.textbooks.questions.vocabulary import Group, groups, named, wider_terms

MODALITY_WORDS = {
    "dermoscopic": re.compile(r"\bder(?:mo|mato)scop\w*|\bepiluminescence\b", re.I),
    "pathological": re.compile(
        r"\b(?:histo|patho)\w*logical\b|\bhisto(?:patho)?log\w+|\bpatholog(?:y|ic)\b|"
        r"\bmicro(?:scop\w+|graph)\b",
        re.I,
    ),
    "clinical": re.compile(
        r"\bclinical (?:photo\w*|picture|image|view|modality)|\bclinical\b(?=[.]?$)|"
        r"\bphotograph of the skin\b",
        re.I,
    ),
}


def unsupported_diagnoses(text: str, caption: str, *, considers: bool = False) -> Iterator[str]:
    """Labels that the text affirms or denies otherwise than the caption.

    `considers`: the question asked what was considered, so that a name alone affirms nothing.
    """
    said = _standings(caption)
    affirmed = {above for label, how in said if how == "affirmed" for above in wider(label)}
    denied = {label for label, how in said if how == "denied"}
    named_at_all = affirmed | {above for label, _ in said for above in wider(label)}
    for label, how in _standings(text):
        how = "considered" if considers and how == "affirmed" else how
        supports = {"affirmed": affirmed, "denied": denied, "considered": named_at_all}[how]
        if label not in supports:
            yield f"diagnosis, {how}: {label}"


def unsupported_terms(text: str, caption: str) -> Iterator[str]:
    """Sites, morphology, colours and next steps that the caption does not name, or with the other sign."""
    for group in groups():
        there, lacking = terms_said(group, caption)
        for term in named(group, text):
            if term.term not in (lacking if term.denied else there):
                yield f"{group}{', denied' if term.denied else ''}: {term.term}"


def terms_said(group: Group, caption: str) -> tuple[set[str], set[str]]:
    """Terms that a caption says are there, with all wider ones; and terms that it denies."""
    found = list(named(group, caption, in_diagnoses=True))
    there = {above for term in found if not term.denied for above in wider_terms(group, term.term)}
    return there, {term.term for term in found if term.denied}


def unsupported_sex(text: str, facts: Facts) -> Iterator[str]:
    """A sex that the caption does not state."""
    stated = sex_in(text)
    if stated and stated.value != facts.sex:
        yield f"sex: {stated.value}"


def unsupported_modality(text: str, caption: str, facts: Facts) -> Iterator[str]:
    """A modality that neither the caption names nor the picture has."""
    for modality, words in MODALITY_WORDS.items():
        if words.search(text) and modality != facts.modality and not words.search(caption):
            yield f"modality: {modality}"


def unsupported_quantities(text: str, caption: str, facts: Facts, *, of_age: bool = False) -> Iterator[str]:
    """Numbers that the caption lacks; an age is no duration. `of_age`: the question asks for an age."""
    known = list(quantities(caption))
    age = age_in(text)
    if age and facts.age_years != age.years:
        yield f"age: {age.span.text}"
    for quantity in quantities(text):
        if (quantity.is_age or of_age) and facts.age_years is not None:
            years = quantity.value / 365.25 if quantity.kind == "time" else quantity.value
            if isclose(years, facts.age_years, rel_tol=0.001 if facts.age_years >= 2 else 0.02):
                continue
        same = [other for other in known if are_equal(quantity, other)]
        if not any(_play_one_part(quantity.is_age or of_age, quantity.kind, other.is_age) for other in same):
            yield f"number: {quantity.text}"


def _play_one_part(is_age: bool, kind: str, other_is_age: bool) -> bool:
    """An age is no duration, nor the other way round."""
    return is_age == other_is_age or (kind != "time" and not is_age)


def _standings(text: str) -> list[tuple[str, str]]:
    plain = folded(text)
    return [(found.label, standing(plain, found.start, found.end)) for found in mentions(plain)]

"""Rejects an answer that states what the caption does not. The caption is the only source.

Two sieves. Concepts (diagnoses, sites, morphology, next steps, sex, modality, numbers) must be in the caption
with the same sign. Every other word with a meaning must be there too, or one that says the same. Not seen:
whether two true words were joined falsely ("white border of a red plaque").
"""

import re
from collections.abc import Iterator

from training.textbooks.clean.labels import are_akin, folded, mentions
from training.textbooks.clean.sexes import sex_in
from training.textbooks.questions.concepts import (
    MODALITY_WORDS,
    terms_said,
    unsupported_diagnoses,
    unsupported_modality,
    unsupported_quantities,
    unsupported_sex,
    unsupported_terms,
)
from training.textbooks.questions.facts import Facts
from training.textbooks.questions.quantities import NUMBER_WITH_UNIT, halves_in_figures, quantities
from training.textbooks.questions.vocabulary import groups, named
from training.textbooks.questions.words import Word, are_opposite, every_stem, meaningful, say_the_same

# An answer of so few words leans on its question.
SHORT = 8
YES_NO = re.compile(
    r"^\s*(?:is|are|was|were|does|do|did|has|have|had|can|could|may|should|would|will)\b", re.I
)
_LEAD = re.compile(r"^\s*(yes|no)\s*(?:[,.;:!–—-]+\s*|$)", re.I)
_COMPARED = re.compile(
    r"\b(?:(older|over|above|more)|(younger|under|below|less))(?: than)?(?: the age of)? (\d+)"
    r"(?: years?)?(?: old| of age)?",
    re.I,
)
_CONSIDERS = re.compile(
    r"\bresembl|\bmimic|\bsimulat|\bdifferential|\bconsider|\bsuspect|\blooks? like\b|\bsimilar\b|"
    r"\bconfused\b|\bmistaken\b|"
    r"\bruled out\b|\bexclu|\bthought\b|\balternative|\bdistinguish|\binitial",
    re.I,
)
_ASKS_FOR_AGE = re.compile(
    r"\bhow old\b|\byears old\b|\baged?\b",
    re.I,
)
# Of these a picture has one value: another stated value answers "no".
_EXCLUSIVE = ("sites", "colours")


def unsupported(answer: str, question: str, caption: str, facts: Facts) -> list[str]:
    """What the answer states without the caption's support, each named; empty where all is supported."""
    lead = _LEAD.match(answer)
    rest = answer[lead.end() :] if lead else answer
    if not rest.strip(" .") and not lead:
        return ["says nothing"]
    of_age = bool(_ASKS_FOR_AGE.search(question))
    asked = bool(YES_NO.match(question))
    found: list[str] = []
    if lead and not asked:
        found.append("answers yes or no to another kind of question")
    elif lead:
        found += _wrong_lead(lead.group(1).lower() == "yes", question, caption, facts)
    if rest.strip(" ."):
        found += _statement(rest, caption, facts, "" if asked else question, of_age=of_age)
        if not lead and _is_empty(rest):
            found.append("says nothing")
    return list(dict.fromkeys(found))


def lead_of(answer: str) -> str:
    """ "yes" or "no" where the answer begins with it; else empty."""
    lead = _LEAD.match(answer)
    return lead.group(1).lower() if lead else ""


def _wrong_lead(says_yes: bool, question: str, caption: str, facts: Facts) -> list[str]:
    """What speaks against a yes, or that nothing speaks for a no."""
    question, compared = _without_comparison(question, facts)
    if compared is not None and compared != says_yes:
        return ["age: compared wrongly"]
    if compared is not None and says_yes is False:
        return []
    against = _statement(question.rstrip("? "), caption, facts, "")
    if says_yes:
        return [f"yes to {reason}" for reason in against]
    return [] if _is_contradicted(question, caption, facts) else ["no without ground"]


def _without_comparison(question: str, facts: Facts) -> tuple[str, bool | None]:
    found = _COMPARED.search(question)
    if not found or facts.age_years is None:
        return question, None
    limit = float(found.group(3))
    holds = facts.age_years > limit if found.group(1) else facts.age_years < limit
    return question[: found.start()] + question[found.end() :], holds


def _statement(text: str, caption: str, facts: Facts, echo: str, *, of_age: bool = False) -> list[str]:
    considers = bool(_CONSIDERS.search(echo)) and len(text.split()) <= SHORT
    return [
        *unsupported_diagnoses(text, caption, considers=considers),
        *unsupported_terms(text, caption),
        *unsupported_sex(text, facts),
        *unsupported_modality(text, caption, facts),
        *unsupported_quantities(text, caption, facts, of_age=of_age),
        *_unsupported_words(text, caption, facts, echo),
    ]


def _unsupported_words(text: str, caption: str, facts: Facts, echo: str) -> Iterator[str]:
    """Words that no word of the caption, of its facts or of the question bears, and those of another sign."""
    known = list(meaningful(caption))
    free = every_stem(" ".join([*_words_of(facts), echo]))
    for word in meaningful(_without_concepts(text)):
        same = [other for other in known if say_the_same(word.stem, other.stem)]
        against = [other for other in known if are_opposite(word.stem, other.stem)]
        if word.denied and any(not other.denied for other in against):
            continue
        if same:
            if not any(other.denied == word.denied for other in same):
                yield f"{'denied' if word.denied else 'affirmed'}: {word.text}"
        elif not _is_free(word, free) and word.stem not in every_stem(caption):
            yield f"word: {word.text}"


def _is_free(word: Word, free: frozenset[str]) -> bool:
    return any(say_the_same(word.stem, other) for other in free)


def _words_of(facts: Facts) -> Iterator[str]:
    """Words that follow from the facts."""
    yield from (*facts.diagnoses, *facts.excluded)
    if facts.modality:
        yield {"clinical": "clinical", "dermoscopic": "dermoscopy", "pathological": "histopathology slide"}[
            facts.modality
        ]
    if facts.sex:
        yield {"female": "female woman girl her she", "male": "male man boy his he"}[facts.sex]
    if facts.age_years is not None:
        yield "adult" if facts.age_years >= 18 else "child"
        if facts.age_years >= 65:
            yield "elderly"
        if facts.age_years < 2:
            yield "infant"


def _without_concepts(text: str) -> str:
    """The folded text less diagnoses and terms, which are judged apart."""
    plain = halves_in_figures(folded(text))
    spans = [(found.start, found.end) for found in mentions(plain)]
    spans += [(found.start, found.end) for group in groups() for found in named(group, plain)]
    for words in MODALITY_WORDS.values():
        spans += [found.span() for found in words.finditer(plain)]
    spans += [found.span() for found in NUMBER_WITH_UNIT.finditer(plain)]
    # A placeholder keeps the sentence's shape for its negations.
    kept, place = [], 0
    for start, end in sorted(spans):
        if end > place:
            kept.append(plain[place:start] if start > place else "")
            place = end
    return " case ".join([*kept, plain[place:]])


def _is_empty(text: str) -> bool:
    """True for silent words alone."""
    return " case " not in f" {_without_concepts(text)} " and not any(meaningful(text))


def _is_contradicted(question: str, caption: str, facts: Facts) -> bool:
    """True where the caption denies what is asked, or states another value of what has one value only."""
    for found in mentions(folded(question)):
        if found.label in facts.excluded:
            return True
        if facts.diagnoses and not any(are_akin(found.label, label) for label in facts.diagnoses):
            return True
    for group in groups():
        there, lacking = terms_said(group, caption)
        for term in named(group, question):
            if term.term in there:
                continue
            if term.term in lacking or (group in _EXCLUSIVE and there):
                return True
    asked = sex_in(question)
    if asked and facts.sex and asked.value != facts.sex:
        return True
    if facts.modality and any(
        words.search(question) and modality != facts.modality for modality, words in MODALITY_WORDS.items()
    ):
        return True
    if facts.age_years is not None and any(unsupported_quantities(question, caption, facts)):
        return any(quantity.is_age for quantity in quantities(question))
    known = list(meaningful(caption))
    return any(
        (other.denied and say_the_same(word.stem, other.stem))
        or (not other.denied and are_opposite(word.stem, other.stem))
        for word in meaningful(question)
        for other in known
    )

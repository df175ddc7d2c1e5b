"""The patient's sex, where a word states it. An organ alone does not, nor a pattern or a ratio.

A noun counts first; "he", "her" and the like count where no noun does. What contradicts itself is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from training.textbooks.clean.ages import two_patients_in
from training.textbooks.clean.people import FEMALE, MALE, PLURAL, RELATIVE
from training.textbooks.records import Span

_NOUN = re.compile(rf"\b(?:(?P<female>{FEMALE})|(?P<male>{MALE}))\b", re.I)
_CODE = re.compile(
    r"(?<![\d.])\b\d{1,3}[-\s]?(?:(?:y/o|y\.o\.|yo|yrs?|y|years?)[\s,]*)?(?:/\s*)?(?:(?P<female>F)|"
    r"(?P<male>M))\b(?![./'-]?\w)"
    r"|(?:(?<=[.,;:(])|(?<=[.,;:(]\s)|^)(?:(?P<female2>F)|(?P<male2>M))(?:\s*[/,]\s*|"
    r"\s+)\d{1,3}\b(?!\s*(?:[%.,]\d|mm|cm|kg|x\b))"
)
_PRONOUN = re.compile(r"\b(?:(?P<female>she|her|hers|herself)|(?P<male>he|his|him|himself))\b", re.I)
_EITHER = re.compile(
    r"\b(?:his\s*(?:/|or)\s*her|her\s*(?:/|or)\s*his|he\s*(?:/|or)\s*she|she\s*(?:/|or)\s*he|s/he)\b", re.I
)

_NO_PERSON_AFTER = re.compile(
    rf"^(?:\s+(?:{PLURAL})\b|"
    r"(?:[-\s]+(?:type\s+)?pattern|[-\s]+type|-specific|[-\s]?to[-\s]+(?:fe)?male|"
    r"\s*:\s*(?:fe)?male|[-\s]made|"
    r"[-\s]of[-\s]war|[-\s]o'[-\s]?war|(?:'s)?\s+slipper|\s*(?:and|or|/|versus|vs\.?)\s*(?:fe)?male\b|"
    r"\s+(?:predominance|preponderance|predilection|ratio|hormones?|sibling|relatives?|partner|"
    r"contact|carriers?|"
    r"condom|catheter|mites?|lice|louse|ticks?|fleas?|mosquito\w*|sand\s?fl\w+|worms?|spiders?|"
    r"bugs?|mouse|mice|rats?|"
    r"dogs?|cats?|insects?|parasites?|flies|fly|doctor|nurse|physician|dermatologist|donor|"
    r"sarcoptes|pediculus|pthirus|ixodes|tunga|black widow)\b"
    r"|\s+(?:sex|gender)\s+(?:is|as|was|pre|hormone|chromosome|ratio|being|and|appears)))",
    re.I,
)
_NO_PERSON_BEFORE = re.compile(
    rf"(?:\b(?:trans|transgender|transsexual)[-\s]+|\b(?:{RELATIVE})[-\s]+of\s+(?:the\s+|a\s+)?|"
    r"\b(?:gravid|adult|mature|fertili[sz]ed|engorged|burrowing|winged)\s+|"
    r"\b(?:sex|intercourse|contact|married)\s+(?:with|to)\s+(?:an?\s+|another\s+|his\s+|"
    r"her\s+)?(?:\w+\s+)?|"
    r"\b(?:bitten|hit|scratched|infected|donated)\s+(?:by|from)\s+an?\s+|\b(?:fe)?male\s*(?:and|or|"
    r"/|versus|vs\.?)\s*|(?:fe)?male[-\s]to[-\s]|"
    r"\b(?:dr|prof|professor)\.?\s+(?:\w\.\s*)*|"
    rf"\b(?:{PLURAL})\b[^.;]*\b\d+\s+|"
    r"\bper\s+|\bno\s+|\bnot\s+an?\s+)$",
    re.I,
)
_ANIMAL = re.compile(
    r"\b(?:mites?|louse|lice|ticks?|fleas?|mosquito(?:e?s)?|sand\s?fl(?:y|ies)|Sarcoptes|Pediculus|"
    r"Pthirus|Ixodes|Tunga|"
    r"worms?|spiders?)\b",
    re.I,
)
_ADULT = re.compile(r"\b(?:adult|mature)\s+$", re.I)
_OTHERS = re.compile(
    rf"\b(?:{RELATIVE}|doctor|physician|dermatologist|surgeon|nurse|carer|teacher)s?\b", re.I
)


@dataclass(frozen=True)
class Sex:
    """What is stated, and where."""

    value: Literal["female", "male"]
    span: Span


def sex_in(text: str) -> Sex | None:
    """The sex that the text states of its patient; None without one, or with both."""
    if two_patients_in(text):
        return None
    stated = sorted([*_nouns(text), *_codes(text)], key=lambda sex: sex.span.start)
    implied = list(_pronouns(text))
    values = {sex.value for sex in [*stated, *implied]}
    if len(values) != 1:
        return None
    return (stated or implied)[0]


def _nouns(text: str) -> Iterator[Sex]:
    for found in _NOUN.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        if _NO_PERSON_AFTER.search(after):
            continue
        if _NO_PERSON_BEFORE.search(before) and not (_ADULT.search(before) and not _ANIMAL.search(text)):
            continue
        if _is_an_animals(text, found):
            continue
        yield _sex(text, found)


def _is_an_animals(text: str, found: re.Match[str]) -> bool:
    """True for "female" in a sentence about a mite that names no person otherwise."""
    if found.group().lower() not in ("female", "male"):
        return False
    sentence = _sentence(text, found.start())
    person = re.search(r"\b(?:patient|infant|child|year-old|years? old|adult patient)\b", sentence, re.I)
    return _ANIMAL.search(sentence) is not None and person is None


def _codes(text: str) -> Iterator[Sex]:
    return (_sex(text, found) for found in _CODE.finditer(text))


def _pronouns(text: str) -> Iterator[Sex]:
    """Those that can only mean the patient: none after a relative or a doctor in the same sentence."""
    either = [found.span() for found in _EITHER.finditer(text)]
    for found in _PRONOUN.finditer(text):
        if any(start <= found.start() < end for start, end in either):
            continue
        # A sentence begins where the last full stop was; a relative named before may be who is meant.
        start = max(text.rfind(mark, 0, found.start()) for mark in ".;") + 1
        if not _OTHERS.search(text[start : found.start()]):
            yield _sex(text, found)


def _sentence(text: str, place: int) -> str:
    start = max(text.rfind(mark, 0, place) for mark in ".;") + 1
    end = min((n for n in (text.find(mark, place) for mark in ".;") if n >= 0), default=len(text))
    return text[start:end]


def _sex(text: str, found: re.Match[str]) -> Sex:
    named = found.groupdict()
    value: Literal["female", "male"] = "female" if named.get("female") or named.get("female2") else "male"
    start, end = found.span()
    return Sex(value, Span(start=start, end=end, text=text[start:end]))

"""The patient's age, where the caption states one. Durations, onsets, relatives and groups are none.

An age is taken from the way it is put ("45-year-old", "aged 3 months", "a woman of 34", "in her sixties"),
never from a bare number with a unit: that is how durations stay out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from training.textbooks.clean.numerals import NUMERAL, value_of
from training.textbooks.clean.people import FEMALE, MALE, NOT_THE_PATIENT, PERSON, PLURAL, RELATIVE, THING
from training.textbooks.records import Span

OLDEST = 120.0
YEARS_IN = {"y": 1.0, "m": 1 / 12, "w": 7 / 365.25, "d": 1 / 365.25, "h": 1 / 8766}

_N = rf"(?P<low>(?<![\d.,/])(?<!\w){NUMERAL})"
_RANGE = rf"{_N}(?:\s*(?:-|–|to|-to-|or)\s*(?P<high>{NUMERAL}))?"
_BETWEEN = rf"between\s+{_N}\s+and\s+(?P<high>{NUMERAL})"
_UNIT = r"(?P<unit>years?|yrs?\.?|months?|mos?\.?|weeks?|wks?\.?|days?|hours?|hrs?\.?)(?![a-z])"
_OR_LETTER = _UNIT.replace("hrs?", "hrs?|[ymwdh]")
_ABOUT = r"(?:(?:about|approximately|around|some|nearly|almost|only|just)\s+)?"
_DECADES = {
    name: 10.0 * value
    for value, name in enumerate(
        ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"),
        start=2,
    )
} | {"teens": 11.0}
_ORDINALS = {
    name: 10.0 * value
    for value, name in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    )
}
_AGERS = {
    "quadragenarian": 45.0, "quinquagenarian": 55.0, "sexagenarian": 65.0, "septuagenarian": 75.0,
    "octogenarian": 85.0, "nonagenarian": 95.0,
}  # fmt: skip

_OLD = re.compile(rf"{_RANGE}[-\s]*{_UNIT}[-\s]*old\b", re.I)
_ONE = re.compile(r"(?<=\ba )(?P<unit>year|month|week|day)-old\b", re.I)
_SHORT = re.compile(
    rf"{_N}[-\s]?(?:(?:y/o|y\.o\.|yo|yrs?|y|years?)[\s,]*)?(?:/\s*)?(?P<sex>[MF])\b(?![./'-]?\w)"
    r"|(?:(?<=[.,;:(])|(?<=[.,;:(]\s)|^)(?P<sex2>[MF])(?:\s*[/,]\s*|"
    r"\s+)(?P<low2>\d{1,3})\b(?!\s*(?:[%.,]\d|mm|cm|kg|x\b))"
    rf"|{_N.replace('low', 'low3')}[-\s]?(?:y/o|y\.o\.|yo)(?![a-z])"
)
_AGE_WORD = r"\b(?:aged|age(?:\s*[:=]|\s+of)?|ages)\s*"
_AGED = re.compile(rf"{_AGE_WORD}{_ABOUT}{_RANGE}(?:[-\s]*{_OR_LETTER})?(?!\s*(?:%|mm|cm|[-–]))", re.I)
_AGED_BETWEEN = re.compile(rf"{_AGE_WORD}{_BETWEEN}(?:\s*{_UNIT})?", re.I)
_OF_AGE = re.compile(rf"{_RANGE}[-\s]*{_UNIT}\s+(?:of\s+age|after\s+birth)\b", re.I)
_WITH_NOUN = re.compile(rf"{_N}-{_UNIT}\s+(?:(?!old)\w+\s+)?(?:{PERSON})\b", re.I)
_WITH_WORD = (_AGED, _AGED_BETWEEN, _OF_AGE)
_BEHIND = re.compile(
    rf"\b(?:{PERSON})(?:\s+of|,|:|\s*\()\s*{_ABOUT}{_N}(?:\s*{_OR_LETTER})?(?=\s*(?:[,.;:()]|$|with\b|who\b|whose\b|old\b"
    rf"|had\b|has\b|presented\b|presenting\b|showing\b))(?!\.\d)",
    re.I,
)
# "The man, now 37", "she was 14 at the time"; "she was 12 weeks pregnant" has a unit and no age.
_IS = re.compile(
    rf"\b(?P<who>he|she|who|{PERSON})(?:,?\s+now|,?\s+then|\s+(?:is|was)(?:\s+(?:now|then))?)(?:\s+aged)?\s+{_ABOUT}{_N}"
    r"(?:\s*(?P<unit>years?)(?![a-z]))?(?=\s*(?:[,.;:()]|$|at\s+the\s+time|when\b|and\b|at\s+presentation))"
    r"(?![.,]\d)(?!,?\s*(?:and|or)\s+\d)",
    re.I,
)
_DECADE = re.compile(
    rf"(?:\bin\s+(?:his|her|their)|\b(?:{PERSON})(?:\s+in\s+the|,))\s+(?P<part>early|mid|middle|late)?[-\s]*"
    rf"(?P<decade>{'|'.join(_DECADES)}|[1-9]0'?s|(?P<ordinal>{'|'.join(_ORDINALS)})\s+decade)\b",
    re.I,
)
_AGER = re.compile(rf"\b(?P<ager>{'|'.join(_AGERS)})\b", re.I)

_LIMIT_BEFORE = re.compile(
    r"\b(?:over|under|above|below|older than|younger than|more than|less than|at least|at most|"
    r"up to|before|after|until|since|from|by|beyond|every|first|within|exceeding|"
    r"than)\s+(?:the\s+)?(?:an?\s+)?$",
    re.I,
)
_ONSET_BEFORE = re.compile(
    r"\b(?:onset|began|begun|begin(?:s|ning)?|start(?:s|ed|ing)?|appear(?:s|ed|ing)?|first|"
    r"notic(?:ed|ing|eable)|"
    r"develop(?:s|ed|ing|ment)?|diagnosed|diagnosis|died|death|treated|excised|removed|"
    r"operated|since|occurr?(?:s|ed|ing)?|evident|resol(?:ves|ved|ution)|disappear(?:s|ed)?|"
    r"regress(?:es|ed)?|peaks?|involut\w+|"
    r"present(?:ed|s)? first|vaccinated|transplant\w*|sustained|acquired|received|menarche|married|"
    r"born|burn(?:t|ed|s)?|menopause|"
    r"manifest\w*|emigrated|irradiat\w+|exposed|erupt(?:s|ed)|arose|arising|until|till|mean|median|"
    r"average|grew|recurred)\b"
    r"[^.;:(]{0,40}$",
    re.I,
)
_ONSET_AFTER = re.compile(
    r"[^.;:]{0,40}?\b(?:appear|develop|beg[au]n|start|arose|erupt|notic|was first|were first|occurr|"
    r"manifest|"
    r"disappear|resolv|was excised|was removed)",
    re.I,
)
_ANY_NOUN = re.compile(rf"\b(?:{PERSON}|{RELATIVE}|{PLURAL}|{THING})\b", re.I)
_A_PERSON = re.compile(rf"{FEMALE}|{MALE}|{PERSON}")
_GROUP_BEFORE = re.compile(rf"\b(?:{PLURAL})\b(?:[^.;,]{{0,18}}|,\s*(?:both\s+|each\s+|all\s+)?)$", re.I)
_THING_BEFORE = re.compile(
    rf"\b(?:{THING})\b\s*(?:(?:that|which|,)\s*)?(?:(?:is|was|were|are)\s*)?"
    r"(?:now|about|only|already|approximately|at least|nearly|almost|,|\()?\s*$",
    re.I,
)
_RELATIVE_BEFORE = re.compile(
    rf"\b(?:{RELATIVE}|{NOT_THE_PATIENT})(?:\s+of\s+(?:the|this|a)\s+\w+)?"
    r"(?:\s+was|\s+is|\s+of(?:\s+(?:the|this|a))?|,(?:\s*an?)?|\s*\(|\s+at)?\s*(?:aged?\s*)?$",
    re.I,
)
# A pronoun behind a relative may mean the relative.
_OF_A_RELATIVE = re.compile(rf"\b(?:{RELATIVE}|{NOT_THE_PATIENT})\b[^.;]*$", re.I)
_NO_LIFE = re.compile(
    r"\b(?:lesional|gestational|bone|skeletal|mental|biological|menstrual|paternal|maternal)\s+$", re.I
)
_NEXT_WORDS = re.compile(r"[\s-]*((?:[\w'’-]+[\s,]+){0,4}[\w'’-]+)?")
_STOP = re.compile(
    r"\b(?:with|in|on|of|who|whose|having|had|has|presenting|presented|showing|shows|showed|"
    r"demonstrating|and|after|"
    r"is|was|at|from|affected|suffering|during|to|by|before|under|for|following|presents|developed|"
    r"when|while|until|since|because)\b",
    re.I,
)
_TWO_PATIENTS = re.compile(
    rf"\b(?:{PERSON})\b[^.;]{{0,25}}?\b(?:and|with|alongside)\s+(?:his|her|"
    rf"their)\s+(?:\S+\s+){{0,2}}(?:{RELATIVE})s?\b",
    re.I,
)


@dataclass(frozen=True)
class Age:
    """Years, and where it is stated."""

    years: float
    span: Span


def age_in(text: str) -> Age | None:
    """The one age that the text states of its patient; None without one, with two, or of a group."""
    if two_patients_in(text):
        return None
    found = sorted(_ages(text), key=lambda age: (age.span.start, -age.span.end))
    kept: list[Age] = []
    for age in found:
        if not kept or age.span.start >= kept[-1].span.end:
            kept.append(age)
    different = {round(age.years, 3) for age in kept}
    return kept[0] if len(different) == 1 else None


def two_patients_in(text: str) -> bool:
    """True for a patient shown together with a relative."""
    return _TWO_PATIENTS.search(text) is not None


def _ages(text: str) -> Iterator[Age]:
    for pattern in (
        _OLD,
        _ONE,
        _WITH_NOUN,
        _AGED,
        _AGED_BETWEEN,
        _OF_AGE,
        _BEHIND,
        _IS,
        _SHORT,
        _DECADE,
        _AGER,
    ):
        for found in pattern.finditer(text):
            years = _years(found)
            if years is not None and years <= OLDEST and _is_the_patients(text, found, pattern):
                yield Age(years, _span(text, found))


def _span(text: str, found: re.Match[str]) -> Span:
    """From the age's first word on: the noun before it is no part of it."""
    named = found.groupdict()
    start = found.start("low") if named.get("low") else found.start()
    if found.re in _WITH_WORD:
        start = found.start()
    end = found.end()
    return Span(start=start, end=end, text=text[start:end])


def _years(found: re.Match[str]) -> float | None:
    named = found.groupdict()
    if named.get("ager"):
        return _AGERS[named["ager"].lower()]
    if named.get("decade"):
        return _decade(named)
    low = named.get("low") or named.get("low2") or named.get("low3")
    value = value_of(low) if low else 1.0
    if named.get("high"):
        value = (value + value_of(named["high"])) / 2
    return round(value * YEARS_IN[(named.get("unit") or "y")[0].lower()], 6)


def _decade(named: dict[str, str | None]) -> float:
    word, part = (named["decade"] or "").lower(), (named.get("part") or "").lower()
    if named.get("ordinal"):
        start = _ORDINALS[(named["ordinal"] or "").lower()]
    else:
        start = _DECADES[word] if word in _DECADES else float(word[:2])
    return start + {"early": 2.0, "late": 8.0}.get(part, 5.0)


def _is_the_patients(text: str, found: re.Match[str], pattern: re.Pattern[str]) -> bool:
    before, after = text[: found.start()], text[found.end() :]
    if pattern in (_DECADE, _AGER):
        return not _GROUP_BEFORE.search(before)
    if pattern is _IS and found["who"].lower() in ("he", "she", "who") and _OF_A_RELATIVE.search(before):
        return False
    if pattern in _WITH_WORD and _NO_LIFE.search(before):
        return False
    if _LIMIT_BEFORE.search(before) or _RELATIVE_BEFORE.search(before):
        return False
    if _GROUP_BEFORE.search(before) and pattern in (_OLD, *_WITH_WORD, _BEHIND):
        return False
    if pattern in _WITH_WORD and (_ONSET_BEFORE.search(before) or _ONSET_AFTER.match(after)):
        return False
    if pattern in (_OLD, _ONE) and not _is_a_persons(before, after):
        return False
    if re.search(rf"\b{NUMERAL}(?:\s*,|\s+and)\s*$", before, re.I):
        # "6 and 8 years old": two persons.
        return False
    return not re.match(r"\s*(?:or|and)\s+(?:older|over|younger|above)", after, re.I)


def _is_a_persons(before: str, after: str) -> bool:
    """False where "5-year-old" describes a lesion, an animal, a relative or several persons."""
    words = (_NEXT_WORDS.match(after) or [""])[0]
    words = re.split(r"[,.;:()]", _STOP.split(words)[0])[0]
    nouns = [noun.lower() for noun in _ANY_NOUN.findall(words)]
    if not nouns:
        return not _THING_BEFORE.search(before)
    return _A_PERSON.fullmatch(nouns[0]) is not None and not re.fullmatch(RELATIVE, nouns[-1])

"""Whether a sentence gives the patient another age, sex, number or size of lesions than was stated.

Expects small letters. Knows the words of the prompt and the plainest others.
"""

import re

from triage.clinical import Clinical
from vlm.mpoxvlm.prompt import wording

_FEMALE, _MALE = re.compile(r"\b(female|woman|girl|she|her)\b"), re.compile(r"\b(male|man|boy|he|his|him)\b")
_YEARS = re.compile(r"\b(\d{1,3})[- ]years?[- ]old\b|\baged (\d{1,3})\b(?! months)")
_MONTHS = re.compile(r"\b(\d{1,2})[- ]months?[- ]old\b")
_CHILD = re.compile(r"\b(?:a|an|the|this)(?: \w+)? (infant|child|toddler|adult)\b")
_COUNT = re.compile(r"\b(over[- ]250|\d+-\d+|\d+) lesions\b")
# Years from which on, and below which, a word cannot mean the patient.
_AGE_OF_WORD = {"infant": (0, 2), "toddler": (1, 4), "child": (0, 18), "adult": (18, 200)}


def contradicts_patient(sentence: str, clinical: Clinical) -> bool:
    """True where the sentence differs from what was stated; what was not stated is never contradicted."""
    return (
        _other_sex(sentence, clinical)
        or _other_age(sentence, clinical)
        or _other_count(sentence, clinical)
        or _other_size(sentence, clinical)
    )


def _other_sex(sentence: str, clinical: Clinical) -> bool:
    female, male = bool(_FEMALE.search(sentence)), bool(_MALE.search(sentence))
    return (clinical.sex == "female" and male and not female) or (
        clinical.sex == "male" and female and not male
    )


def _other_age(sentence: str, clinical: Clinical) -> bool:
    age = clinical.age
    years = [int(first or second) for first, second in _YEARS.findall(sentence)]
    months = [int(number) for number in _MONTHS.findall(sentence)]
    if any(year != age.years for year in years) or any(month != age.months for month in months):
        return True
    ranges = [_AGE_OF_WORD[word] for word in _CHILD.findall(sentence)]
    return _other_band(sentence, clinical) or any(not low <= age.in_years < high for low, high in ranges)


def _other_band(sentence: str, clinical: Clinical) -> bool:
    bands = wording()["age_bands"]
    own = next(band["words"] for band in bands if clinical.age.in_years < band["below"])
    named = [band["words"] for band in bands if re.search(rf"\b{re.escape(band['words'])}\b", sentence)]
    return bool(named) and own not in named


def _other_count(sentence: str, clinical: Clinical) -> bool:
    band = clinical.lesions.count
    return band != "unknown" and any(not _in_band(said, band) for said in _COUNT.findall(sentence))


def _in_band(said: str, band: str) -> bool:
    if not said.isdigit():
        return said.replace(" ", "-") == band
    low, high = (251, 10**6) if band == "over-250" else (int(end) for end in band.split("-"))
    return low <= int(said) <= high


def _other_size(sentence: str, clinical: Clinical) -> bool:
    """Only the prompt's own words for a large lesion, where both diameters are known to be smaller."""
    size = wording()["lesion_size"]
    given = [d for d in (clinical.lesions.diameter_1_mm, clinical.lesions.diameter_2_mm) if d is not None]
    return size["words"] in sentence and len(given) == 2 and max(given) < size["from_mm"]

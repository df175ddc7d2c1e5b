"""Clinical information in the fixed words that the decoder learnt.

The words stand in a versioned file of `vlm/prompts/`. Knows nothing of tensors.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, get_args

import yaml

from triage.clinical import Clinical, Lesions, Part

FOLDER = Path(__file__).parent.parent / "prompts"
VERSION = "mpoxvlm-1"
SEPARATOR = "; "


@dataclass(frozen=True)
class Prompt:
    """The prompt's text, and the phrases it was made of: red flags and other facts answered yes."""

    text: str
    red_flags: tuple[str, ...]
    facts: tuple[str, ...]


@cache
def wording(version: str = VERSION) -> dict[str, Any]:
    """The words of one version. Raises FileNotFoundError for a version that is not there."""
    return dict(yaml.safe_load((FOLDER / f"{version}.yaml").read_text()))


def prompt(clinical: Clinical, version: str = VERSION) -> Prompt:
    """State the red flags first, then the patient, then the other facts."""
    words = wording(version)
    red_flags, facts = red_flag_phrases(clinical, words), fact_phrases(clinical, words)
    return Prompt(
        text=Template(words["template"]).substitute(
            red_flags=listed(red_flags, words),
            patient=patient_phrases(clinical, words),
            facts=listed(facts, words),
        ),
        red_flags=red_flags,
        facts=facts,
    )


@cache
def all_phrases(version: str = VERSION) -> frozenset[str]:
    """Every phrase that can state a red flag or another fact."""
    words = wording(version)
    sections = ("red_flags", "symptoms", "lesions", "sites", "risk_factors", "exposure_21_days")
    bands = (band for band in get_args(Lesions.model_fields["count"].annotation) if band != "unknown")
    return frozenset(
        {phrase for section in sections for phrase in words[section].values()}
        | {words["lesion_size"]["words"]}
        | {words["lesion_count"].replace("$count", band) for band in bands}
    )


def listed(phrases: tuple[str, ...], words: dict[str, Any]) -> str:
    """Phrases as the decoder reads and writes them: separated by semicolons, or the word for none."""
    return SEPARATOR.join(phrases) or str(words["none"])


def red_flag_phrases(clinical: Clinical, words: dict[str, Any]) -> tuple[str, ...]:
    """Red flags answered yes, in the schema's order."""
    return _answered_yes(clinical.red_flags, words["red_flags"])


def fact_phrases(clinical: Clinical, words: dict[str, Any]) -> tuple[str, ...]:
    """All other answers of yes and given attributes, in the schema's order."""
    symptoms = clinical.symptoms
    present = tuple(words["symptoms"][name] for name, symptom in symptoms if symptom.present == "yes")
    lesions = clinical.lesions
    count = (words["lesion_count"].replace("$count", lesions.count),) if lesions.count != "unknown" else ()
    diameter = max(lesions.diameter_1_mm or 0, lesions.diameter_2_mm or 0)
    size = (words["lesion_size"]["words"],) if diameter >= words["lesion_size"]["from_mm"] else ()
    sites = tuple(words["sites"][site] for site in sorted(set(lesions.sites), key=list(words["sites"]).index))
    return (
        present
        + count
        + sites
        + _answered_yes(lesions, words["lesions"])
        + size
        + _answered_yes(clinical.risk_factors, words["risk_factors"])
        + _answered_yes(clinical.exposure_21_days, words["exposure_21_days"])
    )


def _answered_yes(part: Part, words: dict[str, str]) -> tuple[str, ...]:
    return tuple(phrase for name, phrase in words.items() if getattr(part, name) == "yes")


def patient_phrases(clinical: Clinical, words: dict[str, Any]) -> str:
    """Age band and, where given, sex."""
    band = next(band["words"] for band in words["age_bands"] if clinical.age.in_years < band["below"])
    sex = words["sex"].get(clinical.sex)
    return SEPARATOR.join([band, sex] if sex else [band])

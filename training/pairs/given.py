"""What is given of a patient: the row's own columns, or simulated answers where those are asked for."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from training.manifest.rows import SITES, Facts, Row
from training.pairs.templates import statement, written
from training.simulated_clinical import draw_clinical
from training.textbooks.questions.choosing import number_for
from training.textbooks.questions.drafts import age_in_words
from triage.clinical import Clinical
from vlm.mpoxvlm.prompt import fact_phrases, patient_phrases, red_flag_phrases, wording

LESION = ("itch", "grew", "hurt", "changed", "bleed", "elevation")
HISTORY = ("skin_cancer_history", "cancer_history")
# No rule of the policy hangs on this age: it stands in where none is given, and is never stated.
SILENT_AGE = 34


@dataclass(frozen=True)
class Given:
    """`phrases` may be stated; `clinical` says the same to the rules. Empty phrases: nothing was given."""

    phrases: tuple[str, ...]
    clinical: Clinical
    simulated: bool = False


def given_of(row: Row, seed: int, *, simulate: bool = False) -> Given:
    """What the row says. `simulate`: where it says nothing at all, answers are drawn instead, and marked."""
    phrases = tuple(_phrases(row.facts))
    if phrases or not simulate:
        return Given(phrases, _clinical(row.facts))
    chance = random.Random(number_for(row.sha256, str(seed), "simulated"))
    clinical = draw_clinical(chance.choice(row.conditions), {}, chance)
    words = wording()
    drawn = (
        patient_phrases(clinical, words),
        *red_flag_phrases(clinical, words),
        *fact_phrases(clinical, words),
    )
    return Given(drawn, clinical, simulated=True)


def _phrases(facts: Facts) -> Iterator[str]:
    if facts.age is not None:
        # A whole number is of completed years.
        yield f"{age_in_words(facts.age)} old" if facts.age else "under 1 year old"
    if facts.gender:
        yield facts.gender
    if facts.fitspatrick is not None:
        yield f"Fitzpatrick skin type {facts.fitspatrick:g}"
    if facts.region:
        yield str(wording()["sites"].get(facts.region, f"site: {facts.region}"))
    sides = [f"{side:g} mm" for side in (facts.diameter_1, facts.diameter_2) if side is not None]
    if sides:
        yield f"lesion of {' by '.join(sides)}"
    for column in written()["statements"]:
        answer = getattr(facts, column)
        if answer is not None:
            yield statement(column, answered=answer)


def _clinical(facts: Facts) -> Clinical:
    """For the rules: what is unknown stays so."""
    years = SILENT_AGE if facts.age is None else int(facts.age)
    sites = (facts.region,) if facts.region in SITES else ()
    lesions: dict[str, Any] = _answers(facts, LESION) | {"sites": sites}
    diameters = {"diameter_1_mm": facts.diameter_1, "diameter_2_mm": facts.diameter_2}
    return Clinical.model_validate(
        {
            "patient_ref": "pair",
            "consent": {"triage": True},
            "region": "XX-0",
            "age": {"years": min(years, 120)} | ({"months": int((facts.age or 0) * 12)} if years < 2 else {}),
            "sex": facts.gender or "unknown",
            "lesions": lesions | diameters,
            "risk_factors": _answers(facts, HISTORY),
        }
    )


def _answers(facts: Facts, columns: tuple[str, ...]) -> dict[str, str]:
    words = {True: "yes", False: "no", None: "unknown"}
    return {column: words[getattr(facts, column)] for column in columns}

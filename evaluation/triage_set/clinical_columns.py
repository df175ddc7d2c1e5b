"""Clinical information from the columns of a manifest: only what it says, never anything simulated.

Columns are those of PAD-UFES-20 (Pacheco et al. 2020), in its spelling, and `sex`, `fitzpatrick`. A column
that is missing, empty or not understood says nothing: it is unknown, never no.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, get_args

from triage.clinical import Clinical, Site

Row = Mapping[str, str]

ANSWERS = {"true": "yes", "yes": "yes", "1": "yes", "false": "no", "no": "no", "0": "no"}
LESION_QUESTIONS = ("itch", "grew", "hurt", "changed", "bleed", "elevation")
HISTORY_QUESTIONS = ("skin_cancer_history", "cancer_history")
SEXES = ("female", "male", "other")
# The schema asks for an age; where none is given this one stands for it, as in training.
NO_AGE_GIVEN = 34


def clinical_of(row: Row) -> Clinical:
    """What one row says of its patient and lesion; with nothing given, information without any fact."""
    age = age_of(row)
    return Clinical.model_validate(
        {
            "patient_ref": "evaluation",
            "consent": {"triage": True},
            "region": "XX-0",
            "age": _age(NO_AGE_GIVEN if age is None else age),
            "sex": sex_of(row) or "unknown",
            "fitzpatrick": fitzpatrick_of(row),
            "lesions": _answers(row, LESION_QUESTIONS) | _site(row) | _diameters(row),
            "risk_factors": _answers(row, HISTORY_QUESTIONS),
        }
    )


def age_of(row: Row) -> int | None:
    """Whole years, 0 to 120."""
    years = _number(row, "age")
    return int(years) if years is not None and 0 <= years <= 120 else None


def sex_of(row: Row) -> str | None:
    """`female`, `male` or `other`, from the column `sex` or `gender`."""
    return next((said for said in (_word(row, "sex"), _word(row, "gender")) if said in SEXES), None)


def fitzpatrick_of(row: Row) -> int | None:
    """Skin type 1 to 6, from the column `fitzpatrick` or PAD-UFES-20's `fitspatrick`."""
    for name in ("fitzpatrick", "fitspatrick"):
        if (kind := _number(row, name)) in (1, 2, 3, 4, 5, 6):
            return int(kind)
    return None


def _age(years: int) -> dict[str, int]:
    return {"years": years} if years >= 2 else {"years": years, "months": 12 * years}


def _answers(row: Row, questions: tuple[str, ...]) -> dict[str, Any]:
    return {name: ANSWERS.get(_word(row, name), "unknown") for name in questions}


def _site(row: Row) -> dict[str, list[str]]:
    site = _word(row, "region")
    if site in ("", "unk", "unknown"):
        return {}
    return {"sites": [site if site in get_args(Site) else "other"]}


def _diameters(row: Row) -> dict[str, float]:
    given = {f"{name}_mm": _number(row, name) for name in ("diameter_1", "diameter_2")}
    return {name: size for name, size in given.items() if size is not None and 0 < size <= 1000}


def _word(row: Row, name: str) -> str:
    return (row.get(name) or "").strip().lower()


def _number(row: Row, name: str) -> float | None:
    with suppress(ValueError):
        return float(_word(row, name))
    return None


BARE = clinical_of({})
"""Nothing given."""

"""Clinical information for training: simulated where no source has any, else PAD-UFES-20's real columns.

No open data set joins mpox photographs with real symptoms. The rates below are rough assumptions for a
demonstration, not epidemiology; figures that depend on them say so. Red flags are drawn apart from the
condition: the decoder has to name them and must learn nothing else from them.
"""

import random
from typing import Any, get_args

from triage.clinical import Clinical, Exposure, RedFlags, RiskFactors, Site, Symptoms
from triage.findings import Condition

POX: tuple[Condition, ...] = ("mpox", "chickenpox", "measles", "healthy")
BASE_RATE = 0.06
RANDOM_RATE = 0.12
WIDE_RATES = (0.02, 0.12, 0.12, 0.25, 0.5)

# Assumed share answered yes; everything else has the base rate.
RATES: dict[str, dict[str, float]] = {
    "mpox": {
        "fever": 0.5, "rash": 0.7, "swollen_nodes": 0.5, "pain": 0.35, "headache": 0.3, "muscle_pain": 0.3,
        "back_pain": 0.2, "fatigue": 0.4, "contact_with_case": 0.3, "close_or_intimate_contact": 0.3,
        "lesion_itch": 0.3, "elevation": 0.5,
    },
    "chickenpox": {
        "fever": 0.5, "rash": 0.7, "itch": 0.6, "headache": 0.2, "lesion_itch": 0.5,
        "elevation": 0.4,
    },
    "measles": {
        "fever": 0.75, "rash": 0.8, "cough": 0.5, "red_eyes": 0.5, "fatigue": 0.3,
        "contact_with_measles_case": 0.25, "elevation": 0.2,
    },
    "healthy": {"itch": 0.1},
}  # fmt: skip

PAD_ANSWERS = {"True": "yes", "False": "no"}
PAD_SEX = {"FEMALE": "female", "MALE": "male"}


def draw_clinical(
    condition: Condition, row: dict[str, str], chance: random.Random, *, wide: bool = False
) -> Clinical:
    """Clinical information for one training example.

    A third is bare, so that the picture alone must do; a third has random facts, so that all phrases are
    practised (when `wide`, from hardly any to half of them); a third follows the condition (real columns for
    PAD-UFES-20).
    """
    mode = chance.choice(("bare", "random", "fitting"))
    parts: dict[str, Any] = {}
    if mode == "random":
        parts = _parts({}, chance.choice(WIDE_RATES) if wide else RANDOM_RATE, chance)
    elif mode == "fitting":
        parts = _parts(RATES.get(condition, {}), BASE_RATE, chance)
        if condition not in POX:
            parts |= _real_columns(row)
    return Clinical.model_validate(
        {
            "patient_ref": "training",
            "consent": {"triage": True},
            "region": "XX-0",
            "age": _age(condition, row, chance) if mode == "fitting" else _any_age(chance),
            "sex": PAD_SEX.get(row.get("gender", ""))
            or chance.choice(("female", "male", "other", "unknown")),
            "red_flags": _red_flags(chance),
            **parts,
        }
    )


def _red_flags(chance: random.Random) -> dict[str, str]:
    names = list(RedFlags.model_fields)
    count = chance.choice((0, 0, 0, 0, 1, 1, 2, 3, 4, chance.randint(5, len(names))))
    return dict.fromkeys(chance.sample(names, count), "yes")


def _parts(rates: dict[str, float], base: float, chance: random.Random) -> dict[str, Any]:
    """Answers of all sections, each yes with its rate."""

    def answers(names: list[str]) -> dict[str, str]:
        return {name: "yes" for name in names if chance.random() < rates.get(name, base)}

    lesion_questions = ["itch", "grew", "hurt", "changed", "bleed", "elevation"]
    lesion_answers = {
        name: "yes"
        for name in lesion_questions
        if chance.random() < rates.get("lesion_itch" if name == "itch" else name, base)
    }
    return {
        "symptoms": {name: {"present": "yes"} for name in answers(list(Symptoms.model_fields))},
        "risk_factors": answers(list(RiskFactors.model_fields)),
        "exposure_21_days": answers(list(Exposure.model_fields)),
        "lesions": lesion_answers | _count_and_sites(chance),
    }


def _count_and_sites(chance: random.Random) -> dict[str, Any]:
    return {
        "count": chance.choice(("unknown", "unknown", "unknown", "1-24", "25-99", "100-250", "over-250")),
        "sites": chance.sample(get_args(Site), chance.choice((0, 1, 1, 1, 2, 3))),
        "diameter_1_mm": chance.choice((None, None, 3.0, 5.0, 8.0, 12.0)),
    }


def _real_columns(row: dict[str, str]) -> dict[str, Any]:
    """PAD-UFES-20's own answers for a lesion; an empty or UNK column is unknown."""
    questions = ("itch", "grew", "hurt", "changed", "bleed", "elevation")
    lesions: dict[str, Any] = {name: PAD_ANSWERS.get(row.get(name, ""), "unknown") for name in questions}
    if row.get("region"):
        lesions["sites"] = [row["region"].lower()]
    for name in ("diameter_1", "diameter_2"):
        if float(row.get(name) or 0) > 0:
            lesions[f"{name}_mm"] = float(row[name])
    history = {
        name: PAD_ANSWERS.get(row.get(name, ""), "unknown")
        for name in ("skin_cancer_history", "cancer_history")
    }
    return {"lesions": lesions, "risk_factors": history}


def real_clinical(row: dict[str, str]) -> Clinical:
    """What PAD-UFES-20 truly says of a photograph, and nothing else."""
    return Clinical.model_validate(
        {
            "patient_ref": "evaluation",
            "consent": {"triage": True},
            "region": "XX-0",
            "age": _years(int(float(row["age"]))) if row.get("age") else _years(34),
            "sex": PAD_SEX.get(row.get("gender", ""), "unknown"),
            **_real_columns(row),
        }
    )


def bare_clinical() -> Clinical:
    """The least a platform may say: the answer must come from the picture."""
    return real_clinical({})


def _age(condition: Condition, row: dict[str, str], chance: random.Random) -> dict[str, int]:
    if row.get("age"):
        return _years(int(float(row["age"])))
    typical = {"chickenpox": 8, "measles": 10}.get(condition, 34)
    return _years(max(0, min(95, round(chance.gauss(typical, 18)))))


def _any_age(chance: random.Random) -> dict[str, int]:
    return _years(chance.choice((chance.randint(0, 17), chance.randint(18, 64), chance.randint(65, 95))))


def _years(years: int) -> dict[str, int]:
    return {"years": years} if years >= 2 else {"years": years, "months": years * 12}

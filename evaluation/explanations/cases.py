"""Cases by chance: random answers to all questions, so that every phrase may be said and most may not.

The answers fit no condition. They are not a figure of any population.
"""

from random import Random
from typing import Any, get_args

from triage.clinical import Clinical, Exposure, Lesions, RedFlags, RiskFactors, Site, Symptoms

# Of a case: how many of its questions are answered yes, from hardly any to half of them.
SHARES_OF_YES = (0.0, 0.03, 0.12, 0.25, 0.5)
ANSWERED_NO = 0.3
LESION_QUESTIONS = ("itch", "grew", "hurt", "changed", "bleed", "elevation")
COUNTS = get_args(Lesions.model_fields["count"].annotation)


def random_clinical(chance: Random) -> Clinical:
    """One case's clinical information."""
    share = chance.choice(SHARES_OF_YES)

    def answers(names: Any) -> dict[str, str]:
        return {name: _answer(share, chance) for name in names}

    return Clinical.model_validate(
        {
            "patient_ref": "evaluation",
            "consent": {"triage": True},
            "region": "XX-0",
            "age": _age(chance.randint(0, 95), chance),
            "sex": chance.choice(("female", "male", "other", "unknown")),
            "symptoms": {name: {"present": said} for name, said in answers(Symptoms.model_fields).items()},
            "lesions": answers(LESION_QUESTIONS) | _count_sites_and_size(chance),
            "risk_factors": answers(RiskFactors.model_fields),
            "exposure_21_days": answers(Exposure.model_fields),
            "red_flags": answers(RedFlags.model_fields),
        }
    )


def _answer(share_of_yes: float, chance: Random) -> str:
    drawn = chance.random()
    return "yes" if drawn < share_of_yes else "no" if drawn < share_of_yes + ANSWERED_NO else "unknown"


def _age(years: int, chance: Random) -> dict[str, int]:
    return {"years": years} if years >= 2 else {"years": years, "months": 12 * years + chance.randint(0, 11)}


def _count_sites_and_size(chance: Random) -> dict[str, Any]:
    return {
        "count": chance.choice(COUNTS),
        "sites": chance.sample(get_args(Site), chance.choice((0, 0, 1, 2, 4))),
        "diameter_1_mm": chance.choice((None, 3.0, 12.0)),
    }

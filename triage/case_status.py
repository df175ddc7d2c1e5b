"""What a case counts as in surveillance, after CDC's case definitions for mpox.

Knows no case and no count. A photograph and a clinician's look give `suspected` at the most; `probable` and
`confirmed` need a laboratory result.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from triage.clinical import Answer
from triage.findings import Condition

SurveillanceStatus = Literal["suspected", "probable", "confirmed", "ruled_out"]

LaboratoryTest = Literal[
    "mpxv_pcr", "mpxv_sequencing", "mpxv_culture",
    "orthopoxvirus_pcr", "orthopoxvirus_antigen", "orthopoxvirus_igm",
]  # fmt: skip

_CONFIRMING: tuple[LaboratoryTest, ...] = ("mpxv_pcr", "mpxv_sequencing", "mpxv_culture")

# A negative result of another test does not show that the virus is absent.
_EXCLUDING: tuple[LaboratoryTest, ...] = ("mpxv_pcr", "orthopoxvirus_pcr")

# Days after rash onset in which IgM against orthopoxviruses makes a case probable (CDC).
IGM_DAYS = range(4, 57)


class Laboratory(BaseModel):
    """One laboratory result for mpox; `days_after_onset` is the rash's age at the specimen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    test: LaboratoryTest
    result: Literal["positive", "negative", "inconclusive"]
    days_after_onset: int | None = Field(default=None, ge=0, le=3650)
    recent_orthopoxvirus_exposure: Answer = Field(
        default="unknown", description="Another orthopoxvirus lately, such as the vaccine virus of ACAM2000"
    )


def surveillance_status(
    diagnosis: Condition | None,
    laboratory: Laboratory | None,
    counted_as: Condition | None = None,
) -> SurveillanceStatus:
    """The status of a case counted under `counted_as`, by default under its diagnosis, else under mpox.

    A laboratory result speaks of mpox only, and for mpox it outweighs the diagnosis. Another diagnosis than
    the condition counted rules that condition out (CDC: an alternative diagnosis explains the illness).
    Source: CDC, Monkeypox Case Definitions.
    """
    condition = counted_as or diagnosis or "mpox"
    if condition == "mpox" and laboratory is not None:
        found = _from_laboratory(laboratory)
        if found is not None:
            return found
    return "suspected" if diagnosis in (None, condition) else "ruled_out"


def _from_laboratory(laboratory: Laboratory) -> SurveillanceStatus | None:
    if laboratory.result == "positive":
        if laboratory.test in _CONFIRMING:
            return "confirmed"
        return "probable" if _makes_probable(laboratory) else None
    if laboratory.result == "negative" and laboratory.test in _EXCLUDING:
        return "ruled_out"
    return None


def _makes_probable(laboratory: Laboratory) -> bool:
    if laboratory.recent_orthopoxvirus_exposure == "yes":
        return False
    return laboratory.test != "orthopoxvirus_igm" or laboratory.days_after_onset in IGM_DAYS

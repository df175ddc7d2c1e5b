"""The clinical information of a case, as a platform states it: version 1 of the schema.

Every question is answered yes, no or unknown. A question that is not answered is unknown, never no.
Field names are part of the API; a change of meaning is a new schema version.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Answer = Literal["yes", "no", "unknown"]

RegionCode = Annotated[
    str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$", description="ISO 3166-2 subdivision, such as FR-75")
]


class Part(BaseModel):
    """A part of the schema: unknown fields are refused so that no answer is lost by a spelling mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Consent(Part):
    """What the patient agreed to. Without consent to triage no case is accepted."""

    triage: Literal[True] = Field(description="The patient agrees that photographs and answers are assessed")
    research: bool = False


class Age(Part):
    """Age in years; months as well for children under two."""

    years: int = Field(ge=0, le=120)
    months: int | None = Field(
        default=None, ge=0, le=23, description="Age in completed months, under 2 years"
    )

    @model_validator(mode="after")
    def months_agree_with_years(self) -> "Age":
        """Months are the whole age in months and belong to children under two only."""
        if self.years < 2 and self.months is None:
            raise ValueError("give months for a child under 2 years")
        if self.months is not None and self.months // 12 != self.years:
            raise ValueError("months is the whole age in months (0 to 23) and must agree with years")
        return self

    @property
    def in_years(self) -> float:
        """Age in years, months included."""
        return self.years if self.months is None else self.months / 12


class Symptom(Part):
    """One symptom with its onset, where known."""

    present: Answer = "unknown"
    onset_days_ago: int | None = Field(default=None, ge=0, le=3650)


class Symptoms(Part):
    """Symptoms of this illness."""

    fever: Symptom = Symptom()
    rash: Symptom = Symptom()
    swollen_nodes: Symptom = Symptom()
    pain: Symptom = Symptom()
    headache: Symptom = Symptom()
    muscle_pain: Symptom = Symptom()
    back_pain: Symptom = Symptom()
    fatigue: Symptom = Symptom()
    sore_throat: Symptom = Symptom()
    cough: Symptom = Symptom()
    red_eyes: Symptom = Symptom()
    itch: Symptom = Symptom()


Site = Literal[
    "face", "scalp", "eye", "mouth", "neck", "chest", "abdomen", "back", "arm", "forearm", "hand", "palm",
    "genital", "anal", "thigh", "leg", "foot", "sole", "ear", "nose", "lip", "other",
]  # fmt: skip


class Lesions(Part):
    """How many lesions, where, and the history of the lesion photographed."""

    count: Literal["1-24", "25-99", "100-250", "over-250", "unknown"] = "unknown"
    sites: tuple[Site, ...] = Field(default=(), max_length=22)
    itch: Answer = "unknown"
    grew: Answer = "unknown"
    hurt: Answer = "unknown"
    changed: Answer = "unknown"
    bleed: Answer = "unknown"
    elevation: Answer = "unknown"
    diameter_1_mm: float | None = Field(default=None, gt=0, le=1000)
    diameter_2_mm: float | None = Field(default=None, gt=0, le=1000)


class RiskFactors(Part):
    """What makes an infection more dangerous to this patient, and the patient's history."""

    pregnant: Answer = "unknown"
    breast_feeding: Answer = "unknown"
    immunocompromised: Answer = "unknown"
    eczema_or_broken_skin: Answer = "unknown"
    skin_cancer_history: Answer = "unknown"
    cancer_history: Answer = "unknown"


class Exposure(Part):
    """The epidemiologic link, looked for in the last 21 days, and vaccination."""

    contact_with_case: Answer = "unknown"
    close_or_intimate_contact: Answer = "unknown"
    travel_to_affected_area: Answer = "unknown"
    contact_with_animal: Answer = "unknown"
    contact_with_measles_case: Answer = "unknown"
    mpox_vaccinated: Answer = "unknown"
    measles_vaccinated: Answer = "unknown"
    varicella_vaccinated: Answer = "unknown"


class RedFlags(Part):
    """Questions whose yes raises the level whatever the model says; each has its rule in the policy."""

    eye: Answer = "unknown"
    airway: Answer = "unknown"
    neurologic: Answer = "unknown"
    sepsis: Answer = "unknown"
    non_blanching_rash_with_fever: Answer = "unknown"
    blistering_with_mucosal_lesions: Answer = "unknown"
    facial_swelling_or_wheeze: Answer = "unknown"
    pain_out_of_proportion: Answer = "unknown"
    chest_pain: Answer = "unknown"
    severe_mucosal_lesions: Answer = "unknown"
    confluent_or_haemorrhagic: Answer = "unknown"
    breathing_difficulty: Answer = "unknown"


class Clinical(Part):
    """The clinical information of one case: everything a platform says beside the photographs."""

    schema_version: Literal["1"] = "1"
    patient_ref: str = Field(
        min_length=1,
        max_length=128,
        description="The platform's own opaque id; no name, no number from a document",
    )
    consent: Consent
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="BCP 47")
    region: RegionCode
    age: Age
    sex: Literal["female", "male", "other", "unknown"] = "unknown"
    fitzpatrick: Literal[1, 2, 3, 4, 5, 6] | None = Field(default=None, description="Fitzpatrick skin type")
    symptoms: Symptoms = Symptoms()
    lesions: Lesions = Lesions()
    risk_factors: RiskFactors = RiskFactors()
    exposure_21_days: Exposure = Exposure()
    red_flags: RedFlags = RedFlags()
    free_text: str = Field(default="", max_length=4000)
    capture_device: str = Field(default="", max_length=128)
    onset_date: date | None = None

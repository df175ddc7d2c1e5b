"""What clinicians' programs send and get: the bodies of /v1/sessions and /v1/reviews."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from triage import Condition, Laboratory

Verdict = Literal["confirm", "override", "retake", "escalate"]
GivenLevel = Literal["emergency", "urgent", "priority", "routine", "self_care"]


class Body(BaseModel):
    """A JSON body. Unknown fields are refused; no body at all counts as an empty one."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def nothing_is_empty(cls, value: Any) -> Any:
        """A request without a body."""
        return {} if value is None else value


# PostgreSQL cannot hold the character NUL.
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]


class SignIn(Body):
    """A person's credentials."""

    email: Text = Field(max_length=254)
    password: Annotated[str, StringConstraints(strip_whitespace=False, max_length=1024)]
    code: Text | None = Field(
        default=None,
        max_length=16,
        description="Six digits from the authenticator; needed once a person has set up a second factor",
    )


class SignedIn(BaseModel):
    """A bearer token for /v1/reviews; shown once."""

    token: str
    expires_at: datetime


class Claim(Body):
    """What to claim: the most urgent case or further reading, or a certain one of either."""

    case_id: UUID | None = None
    further_id: UUID | None = Field(default=None, description="A second reading or adjudication that waits")


class Skip(Body):
    """Why a clinician passes the case over."""

    reason: Text = Field(min_length=1, max_length=500)


class HandOver(Body):
    """The colleague who takes the case over."""

    to: UUID


class Holding(BaseModel):
    """Until when the case is held now."""

    held_until: datetime


class Colleague(BaseModel):
    """Somebody who may take a case over."""

    id: UUID
    name: str


class Colleagues(BaseModel):
    """Everybody who may take a case over."""

    colleagues: list[Colleague]


class HandedOver(BaseModel):
    """The colleague's review that holds the case now."""

    review_id: UUID


class DecisionRequest(Body):
    """A clinician's verdict on the case that they hold.

    `confirm` takes the AI result's diagnosis and the level in force; `override` needs `level` and `reason`;
    `retake` needs `reason`, which the platform reads, and may name `photographs`; `escalate` raises the
    level.
    """

    verdict: Verdict
    level: GivenLevel | None = None
    diagnosis: Text | None = Field(
        default=None, max_length=64, description="The id of an entry in the coded list of diagnoses, or other"
    )
    reason: Text | None = Field(default=None, max_length=2000)
    photographs: list[int] = Field(
        default=[], max_length=8, description="retake: which photographs to take again, each by its n"
    )
    laboratory: Laboratory | None = Field(
        default=None, description="Laboratory result for mpox: without one nothing is probable or confirmed"
    )
    second_reading: bool = Field(
        default=False, description="confirm, override: ask for a second reading by another person"
    )


class Reveal(Body):
    """The reader's own reading of a blind case, before the AI result is shown. It cannot be changed."""

    blind_level: GivenLevel
    blind_diagnosis: Text = Field(
        max_length=64, description="The id of an entry in the coded list of diagnoses, or other"
    )


class Amendment(Body):
    """A correction of the decision that stands. It supersedes; nothing of what was recorded is edited."""

    level: GivenLevel
    reason: Text = Field(min_length=1, max_length=2000)
    diagnosis: Text | None = Field(default=None, max_length=64)
    laboratory: Laboratory | None = None


class ReviewPath(BaseModel):
    """A review, by its id."""

    review_id: UUID


class PhotographPath(ReviewPath):
    """A photograph of the case under review, by its number."""

    n: int


class Photograph(BaseModel):
    """Where a photograph is to be fetched, with the same token. The addresses are valid for some minutes."""

    n: int
    round: int = Field(description="0 for the first photographs, 1 for those after the first retake")
    href: str
    saliency: str | None = Field(
        description="Where the model looked: a transparent PNG of the photograph's shape; null without one"
    )


class AiResult(BaseModel):
    """One model run. Preliminary: it is no decision."""

    preliminary: Literal[True] = True
    notice: str = "Preliminary AI result of a research demonstration, not for clinical use"
    level: str
    findings: list[dict[str, Any]]
    classifier: list[dict[str, Any]]
    explanation: str
    flags: list[str]
    reasons: list[dict[str, Any]]
    image_quality: list[dict[str, Any]]
    signals: dict[str, float | None] = Field(
        description="0 to 1, null where not measured: entropy of the findings, disagreement with the lesion "
        "classifier, image_dependence (change without the photograph)"
    )
    prediction_set: list[Condition] | None = Field(
        description="Conditions that cannot be ruled out at `coverage`, by falling probability; null for a "
        "model without conformal calibration"
    )
    coverage: float | None = Field(description="Share of cases whose prediction set holds the truth")
    provenance: dict[str, Any]
    late: bool
    assessed_at: datetime


class CaseUnderReview(BaseModel):
    """All that the clinician who holds a case may see of it."""

    id: UUID
    level: str
    due_at: datetime
    accepted_at: datetime
    flags: list[str]
    reasons: list[dict[str, Any]]
    clinical: dict[str, Any]
    photographs: list[Photograph]
    ai_result: AiResult | None = Field(description="null: no AI result yet")


class OtherReading(BaseModel):
    """What another reader found: for a senior who decides between two, and for a reader who has decided."""

    kind: Literal["first", "second", "adjudication", "amendment"]
    verdict: Verdict
    level: str
    diagnosis: str | None
    diagnosis_code: str | None
    reason: str | None
    laboratory: dict[str, Any] | None
    decided_at: datetime


class ReviewBody(BaseModel):
    """A review. `case` is there while the clinician holds it and null afterwards."""

    id: UUID
    case_id: UUID
    state: Literal["held", "decided", "released", "expired"]
    kind: Literal["first", "second", "adjudication", "amendment"]
    claimed_at: datetime
    held_until: datetime | None
    verdict: Verdict | None
    level: str | None
    diagnosis: str | None = Field(description="A condition's id, or other")
    diagnosis_code: str | None = Field(description="The entry in the coded list of diagnoses")
    reason: str | None
    laboratory: dict[str, Any] | None
    decided_at: datetime | None
    final_at: datetime | None = Field(
        description="From when the decision is the result; null while it waits for another reader, or where "
        "another reading is the result"
    )
    undo_until: datetime | None = Field(description="Until when the decision can be undone; null: it cannot")
    blind: bool = Field(
        description="Record your own reading first (reveal): until then nothing here comes from the model"
    )
    blind_level: str | None
    blind_diagnosis: str | None = Field(description="A condition's id, or other")
    blind_diagnosis_code: str | None = Field(description="The entry in the coded list of diagnoses")
    revealed_at: datetime | None
    others: list[OtherReading] = Field(
        description="The readings beside this one: for a senior who decides between two, and once decided"
    )
    case: CaseUnderReview | None

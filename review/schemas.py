"""What clinicians' programs send and get: the bodies of /v1/sessions and /v1/reviews."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from review.counting import Diagnosis
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
    """Which case to claim: the most urgent one, or a certain one."""

    case_id: UUID | None = None


class DecisionRequest(Body):
    """A clinician's verdict on the case that they hold.

    `confirm` takes the AI result's diagnosis and the level in force; `override` needs `level` and `reason`;
    `retake` needs `reason`, which the platform reads, and may name `photographs`; `escalate` raises the
    level.
    """

    verdict: Verdict
    level: GivenLevel | None = None
    diagnosis: Diagnosis | None = Field(default=None, description="A condition's id, or other")
    reason: Text | None = Field(default=None, max_length=2000)
    photographs: list[int] = Field(
        default=[], max_length=8, description="retake: which photographs to take again, each by its n"
    )
    laboratory: Laboratory | None = Field(
        default=None, description="Laboratory result for mpox: without one nothing is probable or confirmed"
    )


class ReviewPath(BaseModel):
    """A review, by its id."""

    review_id: UUID


class PhotographPath(ReviewPath):
    """A photograph of the case under review, by its number."""

    n: int


class Photograph(BaseModel):
    """Where a photograph is to be fetched, with the same token."""

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


class ReviewBody(BaseModel):
    """A review. `case` is there while the clinician holds it and null afterwards."""

    id: UUID
    case_id: UUID
    state: Literal["held", "decided", "released", "expired"]
    claimed_at: datetime
    held_until: datetime | None
    verdict: Verdict | None
    level: str | None
    diagnosis: str | None
    reason: str | None
    laboratory: dict[str, Any] | None
    decided_at: datetime | None
    final_at: datetime | None
    case: CaseUnderReview | None

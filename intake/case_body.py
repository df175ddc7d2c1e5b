"""A case as its platform reads it.

Nothing of a decision is told before it is final; what the model found is told before that only to keys with
the scope `cases:preliminary`. Who decided is never told.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from db.models import Assessment, Case, Image, Review
from intake.answers import NOTICE, case_address
from intake.shown import is_final, is_settling, shown_level
from triage import Condition, Finding, Flag, Level, Reason

# A quarter turn swaps width and height; EXIF orientations 5 to 8 hold one.
QUARTER_TURNS = range(5, 9)

Status = Literal[
    "queued", "assessing", "awaiting_review", "in_review", "completed", "needs_retake", "failed", "cancelled"
]


class ImageBody(BaseModel):
    """One photograph, as it is served: upright."""

    n: int
    round: int = Field(description="0 for the first photographs, 1 for those after the first retake")
    content_type: str
    width: int
    height: int
    href: str


class ReviewBody(BaseModel):
    """The clinician's final word."""

    verdict: Literal["confirm", "override", "retake", "escalate"]
    level: Level | None
    diagnosis: str | None
    reason: str | None
    retake_instructions: str | None = Field(description="With the verdict retake: what to photograph anew")
    decided_at: datetime
    final_at: datetime


class CaseBody(BaseModel):
    """A case with its result. `preliminary` is true until a clinician's decision is final."""

    id: UUID
    status: Status
    level: Level
    preliminary: bool
    due_at: datetime
    accepted_at: datetime
    round: int
    findings: list[Finding] | None = Field(
        description="By falling probability; null without a result, or without the scope cases:preliminary"
    )
    prediction_set: list[Condition] | None = Field(
        description="Conditions that cannot be ruled out at the model's stated coverage, by falling "
        "probability; null as findings are, and for a model without conformal calibration"
    )
    explanation: str | None
    flags: list[Flag]
    reasons: list[Reason]
    provenance: dict[str, Any] | None = Field(description="Model, weights, prompt and policy of the result")
    review: ReviewBody | None
    images: list[ImageBody]
    notice: str = NOTICE


def case_body(
    case: Case,
    images: list[Image],
    assessment: Assessment | None,
    review: Review | None,
    *,
    may_see_preliminary: bool,
    at: datetime,
) -> dict[str, Any]:
    """The body as JSON data. `assessment` is of the newest photographs, `review` the newest final at `at`."""
    settling, final = is_settling(case, at), is_final(case, at)
    told = assessment if final or may_see_preliminary else None
    flags, reasons = case.flags, case.reasons
    if settling:
        # While a decision can still be undone, the case shows what stood before it.
        flags = assessment.flags if assessment else case.flags
        reasons = assessment.reasons if assessment else case.provisional_reasons
    body = CaseBody(
        id=case.id,
        status="in_review" if settling else case.status,
        level=shown_level(case, assessment, review, at),
        preliminary=not final,
        due_at=case.due_at,
        accepted_at=case.accepted_at,
        round=case.round,
        findings=[Finding.model_validate(item) for item in told.findings] if told else None,
        prediction_set=told.signals.get("prediction_set") if told else None,
        explanation=told.explanation if told else None,
        flags=flags,
        reasons=reasons,
        provenance=assessment.provenance if assessment else None,
        review=_review_body(review) if review else None,
        images=[_image_body(image) for image in images],
    )
    return body.model_dump(mode="json")


def _review_body(review: Review) -> ReviewBody:
    return ReviewBody.model_validate(
        {
            "verdict": review.verdict,
            "level": review.level,
            "diagnosis": review.diagnosis,
            "reason": review.reason,
            "retake_instructions": review.reason if review.verdict == "retake" else None,
            "decided_at": review.decided_at,
            "final_at": review.final_at,
        }
    )


def _image_body(image: Image) -> ImageBody:
    turned = image.orientation in QUARTER_TURNS
    return ImageBody(
        n=image.position,
        round=image.round,
        content_type=image.content_type,
        width=image.height if turned else image.width,
        height=image.width if turned else image.height,
        href=f"{case_address(image.case_id)}/images/{image.position}",
    )

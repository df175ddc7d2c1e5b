"""What a platform is told at once: the answer 202, which is also kept under the Idempotency-Key."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from triage import Decision, Level, Reason

NOTICE = "Research demonstration, not for clinical use. AI results are preliminary until a clinician decides."


class Links(BaseModel):
    """Addresses that belong to a case."""

    self: str
    images: list[str]


class Accepted(BaseModel):
    """A case that is accepted: it will be assessed once, and seen by a clinician."""

    id: UUID
    status: Literal["queued"] = "queued"
    level: Level = Field(description="The level by rules alone, before any model")
    preliminary: Literal[True] = True
    due_at: datetime
    reasons: list[Reason]
    advice: Literal["emergency_care_now"] | None = Field(
        default=None, description="Present for an emergency: do not wait for a review"
    )
    links: Links
    notice: str = NOTICE


def case_address(case_id: UUID) -> str:
    """The address of a case."""
    return f"/v1/cases/{case_id}"


def accepted_answer(case_id: UUID, decision: Decision, due: datetime, images: int) -> dict[str, Any]:
    """The answer 202 as JSON data."""
    address = case_address(case_id)
    accepted = Accepted(
        id=case_id,
        level=decision.level,
        due_at=due,
        reasons=list(decision.reasons),
        advice="emergency_care_now" if decision.level == "emergency" else None,
        links=Links(self=address, images=[f"{address}/images/{number}" for number in range(images)]),
    )
    return accepted.model_dump(mode="json", exclude_none=True)

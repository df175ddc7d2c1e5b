"""A case in a few words: what lists and state changes answer with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from db.models import Case
from intake.answers import case_address
from intake.case_body import Status
from intake.shown import current_assessment, is_final, is_settling, newest_final_review, shown_level
from triage import Level


class CaseSummary(BaseModel):
    """Where a case stands. The rest is at `href`."""

    id: UUID
    status: Status
    level: Level
    preliminary: bool
    due_at: datetime
    accepted_at: datetime
    href: str


def case_summary(session: Session, case: Case, at: datetime) -> CaseSummary:
    """The summary of a case as its platform may see it at `at`."""
    settling = is_settling(case, at)
    # Only a case whose decision still settles (a minute at most) needs to be looked at more closely.
    assessment = current_assessment(session, case) if settling else None
    review = newest_final_review(session, case.id, at) if settling else None
    shown: dict[str, Any] = {
        "id": case.id,
        "status": "in_review" if settling else case.status,
        "level": shown_level(case, assessment, review, at),
        "preliminary": not is_final(case, at),
        "due_at": case.due_at,
        "accepted_at": case.accepted_at,
        "href": case_address(case.id),
    }
    return CaseSummary.model_validate(shown)

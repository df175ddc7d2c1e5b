"""What a new review knows of the AI result: its assessment, and whether the reader must not see it yet."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Assessment, Case, Review


def blind_fields(
    session: Session, case_id: UUID, clinician_id: UUID, *, may_be_blind: bool = True
) -> dict[str, Any]:
    """The fields of a new review of this case. Who has seen the AI result before has no second blind look:
    what they recorded then stays their blind reading, until there is another AI result.
    """
    found = session.execute(
        select(Case.blind, Assessment.id)
        .outerjoin(Assessment, (Assessment.case_id == Case.id) & (Assessment.round == Case.round))
        .where(Case.id == case_id)
    ).one()
    fields: dict[str, Any] = {"assessment_id": found.id, "blind": found.blind and may_be_blind}
    if fields["blind"] and found.id is not None:
        fields |= _recorded_before(session, case_id, clinician_id, found.id)
    return fields


def _recorded_before(
    session: Session, case_id: UUID, clinician_id: UUID, assessment_id: UUID
) -> dict[str, Any]:
    before = session.execute(
        select(Review.blind_level, Review.blind_diagnosis, Review.blind_diagnosis_code, Review.revealed_at)
        .where(
            Review.case_id == case_id,
            Review.clinician_id == clinician_id,
            Review.assessment_id == assessment_id,
            Review.revealed_at.is_not(None),
        )
        .order_by(Review.revealed_at)
        .limit(1)
    ).first()
    return dict(before._mapping) if before else {}

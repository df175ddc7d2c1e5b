"""Earlier cases of the same patient, as far as the reader may read them: what people decided, and when.

Only decided cases, and only what a clinician gave: nothing of a case that waits for its own blind reading.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Case, Review
from db.readers import Reader, may_read
from review.shown_case import ShownCase

SHOWN = 5


class EarlierCase(NamedTuple):
    """A case that was decided: the level in force, and the diagnosis of the newest decision that stands."""

    id: UUID
    accepted_at: datetime
    level: str
    diagnosis: str | None


def earlier_cases(session: Session, reader: Reader, case: ShownCase) -> list[EarlierCase]:
    """The newest few of the same platform and patient reference, newest first."""
    diagnosis = (
        select(Review.diagnosis)
        .where(Review.case_id == Case.id, Review.decided_at.is_not(None), Review.kind != "second")
        .order_by(Review.decided_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Case.id, Case.accepted_at, Case.level, diagnosis)
        .where(
            Case.platform_id == case.platform_id,
            Case.patient_ref == case.patient_ref,
            Case.id != case.id,
            Case.status == "completed",
            Case.known.is_(False),
            *may_read(reader),
        )
        .order_by(Case.accepted_at.desc())
        .limit(SHOWN)
    )
    return [EarlierCase(*row) for row in rows]

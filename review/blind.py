"""The blind first reading: what a reader finds before the AI result is shown, kept for good.

People follow an AI result, right or wrong. So by policy some cases show it only after the reader's own level
and diagnosis are recorded; both readings are kept beside the final decision.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Assessment, Case, Review
from db.moves import move_one
from db.session import SessionFactory
from review.claims import actor
from review.holding import lock_held
from review.schemas import Reveal
from review.shown_case import is_hidden
from review.verdicts import coded
from triage import Diagnoses
from web.problem import conflict
from web.texts import marked as _l

RECORD_FIRST = _l("Record your own reading first: level and diagnosis. Then the AI result is shown.")


def refuse_before_reveal(review: Review) -> None:
    """Raises Problem 409 while the reader's own reading is still to be recorded."""
    if is_hidden(review):
        raise conflict(RECORD_FIRST)


def reveal(
    sessions: SessionFactory, diagnoses: Diagnoses, clinician_id: UUID, review_id: UUID, request: Reveal
) -> None:
    """Record the reader's own reading; from now on the AI result is shown to them.

    Raises Problem: 404, 409 when the case is not held, not read blind or was revealed before, 422.
    """
    at = now()
    with sessions.begin() as session:
        held = lock_held(session, review_id, clinician_id, at)
        review = held.review
        if not review.blind:
            raise conflict(_l("This case is not read blind: the AI result is shown already."))
        if review.revealed_at is not None:
            raise conflict(_l("Your own reading is recorded already, and cannot be changed."))
        diagnosis, code = coded(request.blind_diagnosis, diagnoses, "blind_diagnosis")
        review.blind_level, review.revealed_at = request.blind_level, at
        review.blind_diagnosis, review.blind_diagnosis_code = diagnosis, code
        review.assessment_id = _shown_now(session, held.case)
        move_one(
            session, held.case.id, status=Case.status, action="review.revealed", actor=actor(clinician_id),
            detail=f"review:{review_id} level:{request.blind_level}", at=at,
        )  # fmt: skip


def _shown_now(session: Session, case: Case) -> UUID | None:
    return session.scalar(
        select(Assessment.id).where(Assessment.case_id == case.id, Assessment.round == case.round)
    )

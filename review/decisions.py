"""Recording a decision: one transaction, wholly there or wholly not, and only for who holds the case."""

from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Assessment, Case, Image, Review
from db.session import SessionFactory
from review import drafts
from review.blind import refuse_before_reveal
from review.deciding import Deciding
from review.first_decision import record_first
from review.further_decisions import record_adjudication, record_second
from review.holding import Held, lock_held
from review.rules import Rules
from review.schemas import DecisionRequest
from review.shown_case import ShownCase, shown_case
from review.verdicts import Standing, outcome_of
from triage import Level


def decide(
    sessions: SessionFactory, rules: Rules, clinician_id: UUID, review_id: UUID, request: DecisionRequest
) -> Review:
    """Record a verdict on the case that the review holds, with all that follows from it.

    Raises Problem: 404 for another's review, 409 when the case is not held any more, was decided, or a blind
    reading is still to be recorded, 422.
    """
    at = now()
    with sessions.begin() as session:
        held = lock_held(session, review_id, clinician_id, at)
        refuse_before_reveal(held.review)
        assessment = current_assessment(session, held.case)
        held.review.assessment_id = assessment.id if assessment else None
        stands = standing(session, shown_case(session, held.case, held.review, held.until), assessment)
        deciding = Deciding(
            session=session,
            rules=rules,
            review=held.review,
            case=held.case,
            verdict=request.verdict,
            outcome=outcome_of(request, stands, rules.diagnoses, held.review.kind),
            laboratory=request.laboratory,
            ai_level=stands.ai_level,
            at=at,
            requested=request.second_reading,
        )
        _record(deciding, held)
        drafts.forget(session, held.case.id, clinician_id)
    return held.review


def current_assessment(session: Session, case: Case) -> Assessment | None:
    """The AI result on the case's newest photographs, where there is one."""
    return session.scalar(
        select(Assessment).where(Assessment.case_id == case.id, Assessment.round == case.round)
    )


def standing(session: Session, case: ShownCase, assessment: Assessment | None) -> Standing:
    """How the case stands for its reader, in the terms of the verdicts."""
    photographs = session.scalars(
        select(Image.position).where(Image.case_id == case.id).order_by(Image.position)
    ).all()
    if assessment is None:
        return Standing(case.level, photographs)
    top = max(assessment.findings, key=lambda finding: finding["probability"], default=None)
    return Standing(case.level, photographs, cast(Level, assessment.level), top["condition"] if top else None)


def _record(deciding: Deciding, held: Held) -> None:
    if held.further is None:
        record_first(deciding)
    elif held.further.kind == "second":
        record_second(deciding, held.further)
    else:
        record_adjudication(deciding, held.further)

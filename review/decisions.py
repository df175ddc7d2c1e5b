"""Recording a decision: one transaction, wholly there or wholly not, and only for who holds the case."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.counts import CountChange, change_counts
from db.events import EventType, record_event
from db.ids import now
from db.models import Assessment, Case, Image, Review
from db.moves import move_one
from db.review_queue import held, not_held
from db.session import SessionFactory
from review import drafts
from review.claims import NOT_HELD, actor, own_review
from review.counting import counted_after_decision
from review.schemas import DecisionRequest
from review.verdicts import Outcome, Standing, outcome_of
from triage import RANK, Level, Policy, due_at
from web.problem import Problem, conflict


def decide(
    sessions: SessionFactory,
    policy: Policy,
    undo: timedelta,
    clinician_id: UUID,
    review_id: UUID,
    request: DecisionRequest,
) -> Review:
    """Record a verdict on the case that the review holds, with all that follows from it.

    Raises Problem: 404 for another's review, 409 when the case is not held any more or was decided, 422.
    """
    at = now()
    with sessions.begin() as session:
        review = own_review(session, review_id, clinician_id)
        case = _locked_case(session, review, at)
        assessment = current_assessment(session, case)
        outcome = outcome_of(request, standing(session, case, assessment))
        final_at = at + (undo if outcome.completes and outcome.level != "emergency" else timedelta(0))
        values = _values(case, outcome, request, policy, at, final_at)
        move_one(
            session, case.id, *held(review_id, clinician_id, at),
            status=outcome.status, action=f"review.{request.verdict}", actor=actor(clinician_id),
            detail=f"review:{review_id} level:{outcome.level}", values=values, at=at,
        )  # fmt: skip
        if Case.counted in values:
            change_counts(
                session,
                [CountChange(case.accepted_at, case.region, before=case.counted, after=values[Case.counted])],
            )
        _close(review, outcome, request, assessment, at, final_at)
        drafts.forget(session, case.id, clinician_id)
        for event, available_at in _events(case, outcome, at, final_at):
            record_event(
                session, event, platform_id=case.platform_id, case_id=case.id, level=outcome.level,
                available_at=available_at,
            )  # fmt: skip
    return review


def current_assessment(session: Session, case: Case) -> Assessment | None:
    """The AI result on the case's newest photographs, where there is one."""
    return session.scalar(
        select(Assessment).where(Assessment.case_id == case.id, Assessment.round == case.round)
    )


def standing(session: Session, case: Case, assessment: Assessment | None) -> Standing:
    """How the case stands, in the terms of the verdicts."""
    photographs = session.scalars(
        select(Image.position).where(Image.case_id == case.id).order_by(Image.position)
    ).all()
    level = cast(Level, case.level)
    if assessment is None:
        return Standing(level, photographs)
    top = max(assessment.findings, key=lambda finding: finding["probability"], default=None)
    return Standing(level, photographs, cast(Level, assessment.level), top["condition"] if top else None)


def _locked_case(session: Session, review: Review, at: datetime) -> Case:
    case = session.scalar(
        select(Case)
        .where(Case.id == review.case_id, *held(review.id, review.clinician_id, at))
        .with_for_update()
    )
    if case is None:
        raise _not_held(session, review)
    return case


def _not_held(session: Session, review: Review) -> Problem:
    session.refresh(review)
    return conflict("You decided this case already." if review.decided_at else NOT_HELD)


def _values(
    case: Case, outcome: Outcome, request: DecisionRequest, policy: Policy, at: datetime, final_at: datetime
) -> dict[Any, Any]:
    reasons = [outcome.rule] if outcome.rule else []
    values: dict[Any, Any] = {
        **not_held(),
        Case.level: outcome.level,
        Case.rank: RANK[outcome.level],
        Case.reasons: [*case.reasons, *reasons],
    }
    if outcome.completes:
        values[Case.completed_at] = at
        values[Case.final_at] = final_at
        values[Case.counted] = counted_after_decision(case.counted, outcome.diagnosis, request.laboratory)
    elif outcome.status == "needs_retake":
        values.update(_awaiting_photographs())
    else:
        values[Case.due_at] = min(case.due_at, due_at(case.accepted_at, outcome.level, policy))
    return values


def _events(
    case: Case, outcome: Outcome, at: datetime, final_at: datetime
) -> Iterator[tuple[EventType, datetime]]:
    # Platforms tell the patient to seek care on `case.emergency`, whoever found the emergency.
    if outcome.level == "emergency" != case.level:
        yield "case.emergency", at
    yield outcome.event, final_at


def _awaiting_photographs() -> dict[Any, Any]:
    """Nothing is left for the model until new photographs come; a run on the old ones loses its lease."""
    return {
        Case.assess_state: "none",
        Case.lease_owner: None,
        Case.lease_token: None,
        Case.lease_until: None,
    }


def _close(
    review: Review,
    outcome: Outcome,
    request: DecisionRequest,
    assessment: Assessment | None,
    at: datetime,
    final_at: datetime,
) -> None:
    review.decided_at, review.final_at = at, final_at
    review.verdict, review.level = request.verdict, outcome.level
    review.diagnosis, review.reason = outcome.diagnosis, outcome.reason
    review.laboratory = request.laboratory.model_dump(mode="json") if request.laboratory else None
    review.assessment_id = assessment.id if assessment else None

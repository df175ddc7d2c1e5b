"""Claiming a case, keeping it, giving it back. Two clinicians never hold one case: one statement decides."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.blind_readings import blind_fields
from db.ids import new_id, now
from db.models import Case, Review
from db.moves import StateConflict, choose, move, move_one
from db.review_queue import (
    claimable,
    held,
    most_urgent,
    not_held,
    return_expired_claims,
    status_after_release,
)
from db.session import SessionFactory
from web.problem import Problem, conflict, not_found

NOT_HELD = "You do not hold this case any more: your time ended or it was given back. Claim it again."


def actor(clinician_id: UUID) -> str:
    """A clinician as the audit trail names them."""
    return f"clinician:{clinician_id}"


def claim_most_urgent(sessions: SessionFactory, clinician_id: UUID, lease: timedelta) -> UUID | None:
    """Claim the most urgent case; the id of the review that holds it, or None when nothing waits."""
    give_back_expired(sessions)
    with sessions.begin() as session:
        return _claim(session, clinician_id, lease, case_id=None)


def claim_case(sessions: SessionFactory, clinician_id: UUID, lease: timedelta, case_id: UUID) -> UUID:
    """Claim one certain case, or hold it longer when it is the clinician's already.

    Raises Problem: 404 when there is no such case, 409 when it cannot be claimed now.
    """
    give_back_expired(sessions)
    with sessions.begin() as session:
        review_id = _renew(session, clinician_id, lease, case_id) or _claim(
            session, clinician_id, lease, case_id
        )
        if review_id is None:
            raise _why_not(session, case_id)
        return review_id


def release(sessions: SessionFactory, clinician_id: UUID, review_id: UUID) -> None:
    """Give a case back, to where it came from. Raises Problem: 404, or 409 when it is not held."""
    at = now()
    with sessions.begin() as session:
        review = own_review(session, review_id, clinician_id)
        try:
            move_one(
                session, review.case_id, *held(review_id, clinician_id, at),
                status=status_after_release(), action="review.released", actor=actor(clinician_id),
                detail=f"review:{review_id}", values=not_held(), at=at,
            )  # fmt: skip
        except StateConflict as error:
            raise conflict(NOT_HELD) from error
        review.released_at = at


def own_review(session: Session, review_id: UUID, clinician_id: UUID) -> Review:
    """A review of this clinician. Raises Problem 404, for another clinician's too."""
    review = session.get(Review, review_id)
    if review is None or review.clinician_id != clinician_id:
        raise not_found("No review")
    return review


def give_back_expired(sessions: SessionFactory) -> None:
    """Return what was held too long. The workers sweep too; review must go on when they are down."""
    with sessions.begin() as session:
        return_expired_claims(session, now(), actor="system")


def _claim(session: Session, clinician_id: UUID, lease: timedelta, case_id: UUID | None) -> UUID | None:
    at, review_id = now(), new_id()
    chosen = most_urgent(at) if case_id is None else choose(Case.id == case_id, claimable(at))
    moved = move(
        session, chosen, status="in_review", action="review.claimed", actor=actor(clinician_id),
        detail=f"review:{review_id}", at=at,
        values={
            Case.reviewer_id: clinician_id,
            Case.review_token: review_id,
            Case.review_until: at + lease,
        },
    )  # fmt: skip
    if not moved:
        return None
    (claimed,) = moved
    if claimed.old_status == "needs_retake":
        _remember_that_photographs_are_awaited(session, claimed.id)
    session.add(
        Review(
            id=review_id,
            case_id=claimed.id,
            clinician_id=clinician_id,
            kind=_kind(session, claimed.id),
            claimed_at=at,
            **blind_fields(session, claimed.id, clinician_id),
        )
    )
    return review_id


def _kind(session: Session, case_id: UUID) -> str:
    return "known" if session.scalar(select(Case.known).where(Case.id == case_id)) else "first"


def _remember_that_photographs_are_awaited(session: Session, case_id: UUID) -> None:
    session.execute(
        update(Case)
        .where(Case.id == case_id)
        .values(assess_state="none")
        .execution_options(synchronize_session=False)
    )


def _renew(session: Session, clinician_id: UUID, lease: timedelta, case_id: UUID) -> UUID | None:
    return session.scalar(
        update(Case)
        .where(Case.id == case_id, Case.status == "in_review", Case.reviewer_id == clinician_id)
        .values(review_until=now() + lease)
        .returning(Case.review_token)
        .execution_options(synchronize_session=False)
    )


def _why_not(session: Session, case_id: UUID) -> Problem:
    status = session.scalar(select(Case.status).where(Case.id == case_id))
    if status is None:
        return not_found("No case")
    reasons = {
        "in_review": "Another clinician holds this case. Claim the most urgent one instead.",
        "completed": "This case was decided already.",
        "cancelled": "The platform cancelled this case.",
    }
    return conflict(reasons.get(status, "The model reads this case now; it can be claimed in a short while."))

"""Claiming a case, and keeping it. Two clinicians never hold one case: one statement decides."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from db import further_readings
from db.blind_readings import blind_fields
from db.ids import new_id, now
from db.models import Case, FurtherReading, Review
from db.moves import choose, move
from db.next_case import (
    EVERY,
    Candidate,
    by_lateness,
    by_level,
    claims_by_level,
    count_claim,
    locked,
    open_to,
)
from db.overdue_notices import settle_notices
from db.readers import Reader, may_read, reader_of
from db.review_queue import claimable, return_expired_claims
from db.session import SessionFactory
from review.further_claims import claim_further_of, claim_that_further, renew_further
from triage import RANK
from web.problem import Problem, conflict, not_found
from web.texts import marked as _l

NOT_HELD = _l("You do not hold this case any more: your time ended or it was given back. Claim it again.")


def actor(clinician_id: UUID) -> str:
    """A clinician as the audit trail names them."""
    return f"clinician:{clinician_id}"


def claim_most_urgent(sessions: SessionFactory, clinician_id: UUID, lease: timedelta) -> UUID | None:
    """Claim the most urgent case or further reading; the review that holds it, or None when nothing waits.

    What the reader skipped is offered again only when nothing else waits.
    """
    give_back_expired(sessions)
    with sessions.begin() as session:
        reader = reader_of(session, clinician_id)
        # At first, what others are just claiming is passed over. If nothing was left then, wait for them: a
        # case may be locked for a moment by who does not take it.
        for skipped, wait in ((False, False), (False, True), (True, True)):
            review_id = _claim_next(session, reader, lease, skipped=skipped, wait=wait)
            if review_id:
                return review_id
    return None


def claim_case(sessions: SessionFactory, clinician_id: UUID, lease: timedelta, case_id: UUID) -> UUID:
    """Claim one certain case, or its further reading, or hold it longer when it is the clinician's already.

    Raises Problem: 404 when there is no such case for this reader, 409 when it cannot be claimed now.
    """
    give_back_expired(sessions)
    with sessions.begin() as session:
        reader = reader_of(session, clinician_id)
        at = now()
        chosen = choose(Case.id == case_id, claimable(at), *open_to(reader, at, skipped=True))
        review_id = (
            _renew(session, reader, at + lease, case_id)
            or renew_further(session, reader, at + lease, case_id)
            or claim_chosen(session, chosen, reader, lease, at)
            or claim_further_of(session, reader, case_id, at, lease)
        )
        if review_id is None:
            raise _why_not(session, reader, case_id)
        return review_id


def claim_further(sessions: SessionFactory, clinician_id: UUID, lease: timedelta, further_id: UUID) -> UUID:
    """Claim one certain second reading or adjudication. Raises Problem: 404, or 409."""
    give_back_expired(sessions)
    with sessions.begin() as session:
        reader = reader_of(session, clinician_id)
        review_id = claim_that_further(session, reader, further_id, now(), lease)
        if review_id is None:
            seen = (
                select(FurtherReading.id)
                .join(Case, Case.id == FurtherReading.case_id)
                .where(FurtherReading.id == further_id, *may_read(reader))
            )
            if session.scalar(seen) is None:
                raise not_found("No case")
            raise conflict(_l("This reading is not for you, or another clinician has taken it."))
        return review_id


def own_review(session: Session, review_id: UUID, clinician_id: UUID) -> Review:
    """A review of this clinician. Raises Problem 404, for another clinician's too."""
    review = session.get(Review, review_id)
    if review is None or review.clinician_id != clinician_id:
        raise not_found("No review")
    return review


def give_back_expired(sessions: SessionFactory) -> None:
    """Return what was held too long. The workers sweep too; review must go on when they are down."""
    with sessions.begin() as session:
        at = now()
        further_readings.return_expired(session, at)
        return_expired_claims(session, at, actor="system")


def claim_chosen(
    session: Session, chosen: Select[tuple[UUID]], reader: Reader, lease: timedelta, at: datetime
) -> UUID | None:
    """Claim the case that `chosen` selects and locks; None where it selects none."""
    review_id = new_id()
    moved = move(
        session, chosen, status="in_review", action="review.claimed", actor=actor(reader.id),
        detail=f"review:{review_id}", at=at,
        values={
            Case.reviewer_id: reader.id,
            Case.review_token: review_id,
            Case.review_until: at + lease,
        },
    )  # fmt: skip
    if not moved:
        return None
    (claimed,) = moved
    if claimed.old_status == "needs_retake":
        _remember_that_photographs_are_awaited(session, claimed.id)
    open_review(session, review_id, claimed.id, reader.id, at)
    settle_notices(session, [claimed.id], at)
    return review_id


def open_review(session: Session, review_id: UUID, case_id: UUID, clinician_id: UUID, at: datetime) -> None:
    """Write the first reading that this claim begins: blind where the case is, `known` for a known case."""
    known = session.scalar(select(Case.known).where(Case.id == case_id))
    session.add(
        Review(
            id=review_id,
            case_id=case_id,
            clinician_id=clinician_id,
            kind="known" if known else "first",
            claimed_at=at,
            **blind_fields(session, case_id, clinician_id),
        )
    )


def _claim_next(
    session: Session, reader: Reader, lease: timedelta, *, skipped: bool, wait: bool
) -> UUID | None:
    at = now()
    candidates = by_level(session, reader, at, skipped=skipped)
    if not candidates:
        return None
    lateness = claims_by_level(session, reader) >= EVERY - 1 and candidates[0].rank > RANK["emergency"]
    late = by_lateness(session, reader, at, skipped=skipped) if lateness else []
    for candidate in (*late, *candidates):
        review_id = _claim_there(session, reader, candidate, lease, at, skipped=skipped, wait=wait)
        if review_id:
            count_claim(session, reader, by_lateness=candidate in late)
            return review_id
    return None


def _claim_there(
    session: Session, reader: Reader, candidate: Candidate, lease: timedelta, at: datetime,
    *, skipped: bool, wait: bool,
) -> UUID | None:  # fmt: skip
    if candidate.source == "further":
        return claim_that_further(session, reader, candidate.id, at, lease)
    chosen = locked(candidate, reader, at, skipped=skipped, wait=wait)
    return claim_chosen(session, chosen, reader, lease, at)


def _remember_that_photographs_are_awaited(session: Session, case_id: UUID) -> None:
    session.execute(
        update(Case)
        .where(Case.id == case_id)
        .values(assess_state="none")
        .execution_options(synchronize_session=False)
    )


def _renew(session: Session, reader: Reader, until: datetime, case_id: UUID) -> UUID | None:
    return session.scalar(
        update(Case)
        .where(Case.id == case_id, Case.status == "in_review", Case.reviewer_id == reader.id)
        .where(*may_read(reader))
        .values(review_until=until)
        .returning(Case.review_token)
        .execution_options(synchronize_session=False)
    )


def _why_not(session: Session, reader: Reader, case_id: UUID) -> Problem:
    case = session.execute(
        select(Case.status, Case.awaits_reading).where(Case.id == case_id, *may_read(reader))
    ).first()
    if case is None:
        return not_found("No case")
    if case.awaits_reading:
        return conflict(_l("This case waits for its second reading."))
    reasons = {
        "in_review": _l("Another clinician holds this case. Claim the most urgent one instead."),
        "completed": _l("This case was decided already."),
        "cancelled": _l("The platform cancelled this case."),
    }
    being_read = _l("The model reads this case now; it can be claimed in a short while.")
    return conflict(reasons.get(case.status, being_read))

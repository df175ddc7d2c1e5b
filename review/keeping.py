"""While a case is held: keep it, give it back, pass it over, hand it to a colleague."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db import further_readings
from db.ids import new_id, now
from db.models import Case, FurtherReading, Review, Skip
from db.moves import StateConflict, move_one
from db.overdue_notices import settle_notices
from db.readers import reader_of, who_may_read
from db.review_queue import held, not_held, status_after_release
from db.session import SessionFactory
from review.claims import NOT_HELD, actor, open_review, own_review
from review.further_claims import claim_that_further
from review.holding import readable_case
from web.problem import FieldError, conflict, invalid
from web.texts import marked as _l

FURTHER = ("second", "adjudication")
HANDED_OVER = "handed over"


class Colleague(NamedTuple):
    """Who may take a case over."""

    id: UUID
    name: str


def renew(
    sessions: SessionFactory, clinician_id: UUID, review_id: UUID, lease: timedelta, longest: timedelta
) -> datetime:
    """The heart-beat of an open page: hold the case for another lease; until when it is held now.

    A page left open holds a case for `longest` from its claim and no longer. Raises Problem: 404, or 409
    when it is not held any more.
    """
    at = now()
    with sessions.begin() as session:
        review = _readable_review(session, review_id, clinician_id)
        until = min(at + lease, review.claimed_at + longest)
        if review.kind in FURTHER:
            return _renew_further(session, review, until, at)
        renewed = session.scalar(
            update(Case)
            .where(Case.id == review.case_id, *held(review_id, clinician_id, at))
            .values(review_until=func.greatest(Case.review_until, until))
            .returning(Case.review_until)
            .execution_options(synchronize_session=False)
        )
        if renewed is None:
            raise conflict(NOT_HELD)
        return renewed


def release(sessions: SessionFactory, clinician_id: UUID, review_id: UUID) -> None:
    """Give a case back, to where it came from. Raises Problem: 404, or 409 when it is not held."""
    with sessions.begin() as session:
        review = _readable_review(session, review_id, clinician_id)
        _give_back(session, review, "review.released", now())


def skip(
    sessions: SessionFactory, clinician_id: UUID, review_id: UUID, reason: str, pause: timedelta
) -> None:
    """Give a case back, and not be offered it for a while. Raises Problem as `release`."""
    at = now()
    with sessions.begin() as session:
        review = _readable_review(session, review_id, clinician_id)
        _give_back(session, review, "review.skipped", at)
        review.release_reason = reason
        passed_over = insert(Skip).values(
            clinician_id=clinician_id, case_id=review.case_id, reason=reason, until=at + pause
        )
        session.execute(
            passed_over.on_conflict_do_update(
                index_elements=["clinician_id", "case_id"],
                set_={"reason": passed_over.excluded.reason, "until": passed_over.excluded.until},
            )
        )


def hand_over(
    sessions: SessionFactory, clinician_id: UUID, review_id: UUID, to: UUID, lease: timedelta
) -> UUID:
    """Put a held case into a colleague's hands, with a fresh lease; the id of the colleague's review.

    Raises Problem: 404, 409 when it is not held, 422 when the colleague may not read it.
    """
    at = now()
    with sessions.begin() as session:
        review = _readable_review(session, review_id, clinician_id)
        if to not in {colleague.id for colleague in colleagues(session, review)}:
            raise invalid("Please correct: to", [_NOT_A_COLLEAGUE])
        if review.kind in FURTHER:
            new_review_id = _hand_over_further(session, review, to, lease, at)
        else:
            new_review_id = _hand_over_case(session, review, to, lease, at)
        review.handed_to, review.release_reason = to, HANDED_OVER
        return new_review_id


def own_colleagues(sessions: SessionFactory, clinician_id: UUID, review_id: UUID) -> list[Colleague]:
    """Who else may take over what this clinician's review holds. Raises Problem 404."""
    with sessions() as session:
        return colleagues(session, _readable_review(session, review_id, clinician_id))


def colleagues(session: Session, review: Review) -> list[Colleague]:
    """Who else may take over what this review holds, by name."""
    case = session.execute(
        select(Case.platform_id, Case.region, Case.language).where(Case.id == review.case_id)
    ).one()
    people = who_may_read(session, case.platform_id, case.region, case.language)
    further = session.scalar(select(FurtherReading).where(FurtherReading.review_token == review.id))
    excluded = {review.clinician_id, *(further.excluded if further else ())}
    seniors_only = further is not None and further.kind == "adjudication"
    return [
        Colleague(person.id, person.name)
        for person in people
        if person.id not in excluded and (person.role == "senior" or not seniors_only)
    ]


_NOT_A_COLLEAGUE = FieldError(
    field="to", detail=_l("This person may not read the case."), remedy=_l("Choose one of the people listed.")
)


def _readable_review(session: Session, review_id: UUID, clinician_id: UUID) -> Review:
    """One's own review, while its case is within reach. Raises Problem 404."""
    review = own_review(session, review_id, clinician_id)
    readable_case(session, review)
    return review


def _give_back(session: Session, review: Review, action: str, at: datetime) -> None:
    if review.kind in FURTHER:
        if not further_readings.release(session, review.id, review.clinician_id, at):
            raise conflict(NOT_HELD)
    else:
        try:
            move_one(
                session, review.case_id, *held(review.id, review.clinician_id, at),
                status=status_after_release(), action=action, actor=actor(review.clinician_id),
                detail=f"review:{review.id}", values=not_held(), at=at,
            )  # fmt: skip
        except StateConflict as error:
            raise conflict(NOT_HELD) from error
        review.released_at = at
    settle_notices(session, [review.case_id], at)


def _renew_further(session: Session, review: Review, until: datetime, at: datetime) -> datetime:
    further = further_readings.held_further(session, review.id, review.clinician_id, at)
    if further is None or further.review_until is None:
        raise conflict(NOT_HELD)
    until = max(until, further.review_until)
    if not further_readings.renew(session, review.id, review.clinician_id, until):
        raise conflict(NOT_HELD)
    return until


def _hand_over_case(session: Session, review: Review, to: UUID, lease: timedelta, at: datetime) -> UUID:
    new_review_id = new_id()
    try:
        move_one(
            session, review.case_id, *held(review.id, review.clinician_id, at),
            status="in_review", action="review.handed_over", actor=actor(review.clinician_id),
            detail=f"review:{review.id} to:{to} review:{new_review_id}", at=at,
            values={
                Case.reviewer_id: to,
                Case.review_token: new_review_id,
                Case.review_until: at + lease,
            },
        )  # fmt: skip
    except StateConflict as error:
        raise conflict(NOT_HELD) from error
    review.released_at = at
    open_review(session, new_review_id, review.case_id, to, at)
    return new_review_id


def _hand_over_further(session: Session, review: Review, to: UUID, lease: timedelta, at: datetime) -> UUID:
    further = further_readings.held_further(session, review.id, review.clinician_id, at)
    if further is None or not further_readings.release(session, review.id, review.clinician_id, at):
        raise conflict(NOT_HELD)
    taken = claim_that_further(session, reader_of(session, to), further.id, at, lease)
    if taken is None:
        raise invalid("Please correct: to", [_NOT_A_COLLEAGUE])
    return taken

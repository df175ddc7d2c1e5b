"""Who holds what: a case by the lease on it, a further reading of it by a lease of its own."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.further_readings import held_further
from db.models import Case, FurtherReading, Review
from db.readers import may_read, reader_of
from review.claims import NOT_HELD, own_review
from review.verdicts import AGAIN
from web.problem import Problem, conflict, not_found
from web.texts import marked as _l


class Held(NamedTuple):
    """A case in somebody's hands until then; `further` where it is read again."""

    review: Review
    case: Case
    further: FurtherReading | None
    until: datetime


def readable_case(session: Session, review: Review, *, lock: bool = False) -> Case:
    """The case of a review, locked where asked. Raises Problem 404 when the reader may not read it (now)."""
    reader = reader_of(session, review.clinician_id)
    query = select(Case).where(Case.id == review.case_id, *may_read(reader))
    found = session.scalar(
        (query.with_for_update() if lock else query).execution_options(populate_existing=True)
    )
    if found is None:
        raise not_found("No review")
    return found


def find_held(session: Session, review: Review, at: datetime, *, lock: bool = False) -> Held | None:
    """What this review holds at this moment. Raises Problem 404."""
    case = readable_case(session, review, lock=lock)
    if review.kind in AGAIN:
        further = held_further(session, review.id, review.clinician_id, at)
        return Held(review, case, further, further.review_until) if further and further.review_until else None
    is_held = (case.status, case.review_token, case.reviewer_id) == (
        "in_review", review.id, review.clinician_id,
    )  # fmt: skip
    if not is_held or case.review_until is None or case.review_until <= at:
        return None
    return Held(review, case, None, case.review_until)


def lock_held(session: Session, review_id: UUID, clinician_id: UUID, at: datetime) -> Held:
    """What the review holds, its case locked. Raises Problem: 404, or 409 when it is not held any more."""
    review = own_review(session, review_id, clinician_id)
    found = find_held(session, review, at, lock=True)
    if found is None:
        raise why_not_held(session, review)
    session.refresh(review)
    return found


def why_not_held(session: Session, review: Review) -> Problem:
    """409, with what to do."""
    session.refresh(review)
    return conflict(_l("You decided this case already.") if review.decided_at else NOT_HELD)

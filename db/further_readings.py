"""The SQL of further readings: second readings and adjudications, a queue beside the cases' own.

The id of a review is the token of its lease, as on cases. Whoever changes a further reading locks its case
first, so that claims, decisions and undoing never wait for each other in a ring.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, update
from sqlalchemy.orm import Session

from db.blind_readings import blind_fields
from db.ids import new_id
from db.models import Case, FurtherReading, Review
from db.moves import move_one
from db.readers import READING_ROLES, Reader, may_read

MOST_URGENT = (FurtherReading.rank, FurtherReading.due_at, FurtherReading.id)
NOT_HELD: dict[Any, Any] = {
    FurtherReading.state: "waiting",
    FurtherReading.reviewer_id: None,
    FurtherReading.review_token: None,
    FurtherReading.review_until: None,
}


class Head(NamedTuple):
    """The most urgent further reading, as it is compared with the most urgent case."""

    id: UUID
    rank: int
    due_at: datetime


def claimable_by(reader: Reader) -> tuple[ColumnElement[bool], ...]:
    """The conditions on further readings joined to their cases that this reader may take one."""
    if reader.role not in READING_ROLES:
        return (FurtherReading.id.is_(None),)
    allowed: tuple[ColumnElement[bool], ...] = (
        FurtherReading.state == "waiting",
        literal(reader.id) != func.all(FurtherReading.excluded),
        *may_read(reader),
    )
    return allowed if reader.role == "senior" else (*allowed, FurtherReading.kind == "second")


def head(session: Session, reader: Reader, at: datetime) -> Head | None:
    """The most urgent waiting one that this reader may take; expired ones count once they were returned."""
    row = session.execute(
        select(FurtherReading.id, FurtherReading.rank, FurtherReading.due_at)
        .join(Case, Case.id == FurtherReading.case_id)
        .where(*claimable_by(reader), FurtherReading.created_at <= at)
        .order_by(*MOST_URGENT)
        .limit(1)
    ).first()
    return Head(*row) if row else None


def claim(session: Session, reader: Reader, further_id: UUID, at: datetime, lease: timedelta) -> UUID | None:
    """Take one: the id of the review that holds it, or None when another was faster or it is not for them."""
    _lock_case(session, select(FurtherReading.case_id).where(FurtherReading.id == further_id))
    review_id = new_id()
    may_take = (
        select(FurtherReading.id)
        .join(Case, Case.id == FurtherReading.case_id)
        .where(FurtherReading.id == further_id, *claimable_by(reader))
    )
    taken = session.execute(
        update(FurtherReading)
        .where(FurtherReading.id.in_(may_take), FurtherReading.state == "waiting")
        .values(state="held", reviewer_id=reader.id, review_token=review_id, review_until=at + lease)
        .returning(FurtherReading.case_id, FurtherReading.kind)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        return None
    session.add(_review(session, review_id, reader.id, taken.case_id, taken.kind, at))
    _audit(session, taken.case_id, f"{taken.kind}.claimed", f"clinician:{reader.id}", review_id, at)
    return review_id


def held_further(
    session: Session, review_id: UUID, clinician_id: UUID, at: datetime
) -> FurtherReading | None:
    """The further reading that this review's clinician holds at this moment."""
    return session.scalar(
        select(FurtherReading)
        .where(*_held(review_id, clinician_id), FurtherReading.review_until > at)
        .execution_options(populate_existing=True)
    )


def held_by(session: Session, clinician_id: UUID, at: datetime) -> Sequence[FurtherReading]:
    """What this clinician holds, most urgent first."""
    return session.scalars(
        select(FurtherReading)
        .where(
            FurtherReading.state == "held",
            FurtherReading.reviewer_id == clinician_id,
            FurtherReading.review_until > at,
        )
        .order_by(*MOST_URGENT)
    ).all()


def release(session: Session, review_id: UUID, clinician_id: UUID, at: datetime) -> bool:
    """Give one back for another to take; False when it is not held any more."""
    _lock_case(session, select(Review.case_id).where(Review.id == review_id))
    given_back = session.execute(
        update(FurtherReading)
        .where(*_held(review_id, clinician_id), FurtherReading.review_until > at)
        .values(NOT_HELD)
        .returning(FurtherReading.case_id, FurtherReading.kind)
        .execution_options(synchronize_session=False)
    ).first()
    if given_back is None:
        return False
    _close(session, [review_id], at)
    _audit(
        session, given_back.case_id, f"{given_back.kind}.released", f"clinician:{clinician_id}", review_id, at
    )
    return True


def renew(session: Session, review_id: UUID, clinician_id: UUID, until: datetime) -> bool:
    """Hold one until then; False when it is not held any more. A lease that was not yet returned lives on."""
    renewed = session.scalar(
        update(FurtherReading)
        .where(*_held(review_id, clinician_id))
        .values(review_until=until)
        .returning(FurtherReading.id)
        .execution_options(synchronize_session=False)
    )
    return renewed is not None


def return_expired(session: Session, at: datetime, actor: str = "system", limit: int = 100) -> int:
    """Give back what was held too long, and close those reviews; how many."""
    expired = (FurtherReading.state == "held", FurtherReading.review_until <= at)
    cases = session.scalars(
        select(Case.id)
        .where(Case.id.in_(select(FurtherReading.case_id).where(*expired)))
        .order_by(Case.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not cases:
        return 0
    late = session.execute(
        select(FurtherReading.id, FurtherReading.case_id, FurtherReading.kind, FurtherReading.review_token)
        .where(*expired, FurtherReading.case_id.in_(cases))
        .order_by(FurtherReading.case_id)
    ).all()
    session.execute(
        update(FurtherReading)
        .where(FurtherReading.id.in_([row.id for row in late]))
        .values(NOT_HELD)
        .execution_options(synchronize_session=False)
    )
    _close(session, [row.review_token for row in late], at)
    for row in late:
        _audit(session, row.case_id, f"{row.kind}.expired", actor, row.review_token, at)
    return len(late)


def _held(review_id: UUID, clinician_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        FurtherReading.state == "held",
        FurtherReading.review_token == review_id,
        FurtherReading.reviewer_id == clinician_id,
    )


def _lock_case(session: Session, case_id: Any) -> None:
    session.execute(select(Case.id).where(Case.id == case_id.scalar_subquery()).with_for_update())


def _review(
    session: Session, review_id: UUID, clinician_id: UUID, case_id: UUID, kind: str, at: datetime
) -> Review:
    """A second reading is blind where the case is; an adjudicator sees both readings, and so the AI's."""
    return Review(
        id=review_id,
        case_id=case_id,
        clinician_id=clinician_id,
        kind=kind,
        claimed_at=at,
        **blind_fields(session, case_id, clinician_id, may_be_blind=kind == "second"),
    )


def _close(session: Session, review_ids: Sequence[UUID], at: datetime) -> None:
    session.execute(
        update(Review)
        .where(Review.id.in_(review_ids), Review.decided_at.is_(None), Review.released_at.is_(None))
        .values(released_at=at)
        .execution_options(synchronize_session="fetch")
    )


def _audit(session: Session, case_id: UUID, action: str, actor: str, review_id: UUID, at: datetime) -> None:
    move_one(
        session, case_id, status=Case.status, action=f"review.{action}", actor=actor,
        detail=f"review:{review_id}", at=at,
    )  # fmt: skip

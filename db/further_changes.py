"""How further readings begin and end: opened by a decision, done by the next, cancelled when it is undone.

The caller has locked the case (see `db.further_readings`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import new_id
from db.models import Case, FurtherReading
from db.moves import move_one

# What the audit trail calls the opening of each kind.
OPENED = {"second": "review.second_reading", "adjudication": "review.adjudication"}


@dataclass(frozen=True)
class ToOpen:
    """A further reading that a decision asks for; the fields are those of the table."""

    case_id: UUID
    kind: str
    review_id: UUID
    why: Sequence[str]
    takes_effect: bool
    excluded: Sequence[UUID]
    rank: int
    due_at: datetime
    other_review_id: UUID | None = None


def open_reading(session: Session, asked: ToOpen, actor: str, at: datetime) -> UUID:
    """Let it wait for its reader; one that was cancelled when its decision was undone waits anew."""
    row: dict[str, Any] = {
        "case_id": asked.case_id, "kind": asked.kind, "review_id": asked.review_id,
        "other_review_id": asked.other_review_id, "why": list(asked.why),
        "takes_effect": asked.takes_effect, "excluded": list(asked.excluded), "rank": asked.rank,
        "due_at": asked.due_at, "state": "waiting", "created_at": at, "done_at": None,
        "reviewer_id": None, "review_token": None, "review_until": None,
    }  # fmt: skip
    new = insert(FurtherReading).values(id=new_id(), **row)
    further_id = session.scalars(
        new.on_conflict_do_update(
            index_elements=["review_id", "kind"], set_=row, where=FurtherReading.state == "cancelled"
        ).returning(FurtherReading.id)
    ).one()
    move_one(
        session, asked.case_id, status=Case.status, action=OPENED[asked.kind], actor=actor,
        detail=f"review:{asked.review_id} why:{','.join(asked.why)}", at=at,
    )  # fmt: skip
    return further_id


def finish(session: Session, further_id: UUID, at: datetime) -> None:
    """It was read: its review's id stays as the trace of who did."""
    _set(session, further_id, state="done", done_at=at, review_until=None)


def hold_again(session: Session, further_id: UUID, until: datetime) -> None:
    """Its decision was undone: back into the hands of its reader."""
    _set(session, further_id, state="held", done_at=None, review_until=until)


def cancel(session: Session, further_id: UUID) -> bool:
    """Nobody needs to read it any more; False when somebody reads it or has read it."""
    cancelled = session.scalar(
        update(FurtherReading)
        .where(FurtherReading.id == further_id, FurtherReading.state == "waiting")
        .values(state="cancelled")
        .returning(FurtherReading.id)
        .execution_options(synchronize_session="fetch")
    )
    return cancelled is not None


def open_readings(session: Session, case_id: UUID) -> Sequence[FurtherReading]:
    """What is still to be read of this case: waiting or held."""
    return session.scalars(
        select(FurtherReading)
        .where(FurtherReading.case_id == case_id, FurtherReading.state.in_(("waiting", "held")))
        .execution_options(populate_existing=True)
    ).all()


def cancel_all(session: Session, case_id: UUID) -> None:
    """The case itself was taken back: whoever reads it finds that they hold it no more."""
    session.execute(
        update(FurtherReading)
        .where(FurtherReading.case_id == case_id, FurtherReading.state.in_(("waiting", "held")))
        .values(state="cancelled")
        .execution_options(synchronize_session="fetch")
    )


def _set(session: Session, further_id: UUID, **values: Any) -> None:
    session.execute(
        update(FurtherReading)
        .where(FurtherReading.id == further_id)
        .values(**values)
        .execution_options(synchronize_session="fetch")
    )

"""The model's queue: which cases a worker gets, and for how long they are its own.

Times are the database's, so that workers whose clocks differ agree on when a lease has ended.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, case, exists, func, literal_column, select, update
from sqlalchemy.orm import Session

from db.ids import new_id
from db.models import Case, Image, ModelControl
from db.moves import HOW_MANY_CHOSEN, move


class StoredImage(NamedTuple):
    """Where a photograph lies and how it must be turned."""

    sha256: str
    orientation: int


class ClaimedCase(NamedTuple):
    """What a model needs of a case. `images` are those of the current round, in their order."""

    id: UUID
    platform_id: UUID
    clinical: dict[str, Any]
    images: tuple[StoredImage, ...]


class Claim(NamedTuple):
    """Cases held by one worker under one token until the lease ends.

    `suspect`: they were lost with a batch before, and any of them may bring the process down.
    """

    token: UUID
    suspect: bool
    cases: tuple[ClaimedCase, ...]


def claim(
    session: Session, *, owner: str, size: int, lease: timedelta, suspects: bool = True
) -> Claim | None:
    """Take up to `size` waiting cases, the most urgent first; None when none waits or the model is paused.

    The head of the queue decides the group: cases that come back from a lost batch run together with their
    like only, in batches no larger than their limit. A worker that has other cases in hand must not take
    `suspects`: where such a case is the head, it gets None too.
    """
    token = new_id()
    moved = move(
        session,
        _most_urgent(size, suspects),
        status=case((Case.status == "queued", "assessing"), else_=Case.status),
        action="case.claimed",
        actor=f"worker:{owner}",
        values={
            Case.assess_state: "leased",
            Case.lease_owner: owner,
            Case.lease_token: token,
            Case.lease_until: func.now() + lease,
            Case.lease_batch: HOW_MANY_CHOSEN,
        },
    )
    return claimed(session, token, [row.id for row in moved]) if moved else None


def _most_urgent(size: int, suspects: bool) -> Select[Any]:
    urgency = (Case.rank, Case.due_at, Case.id)
    paused = exists().where(ModelControl.paused)
    head = (
        select(Case.batch_limit)
        .where(is_waiting(), ~paused)
        .order_by(*urgency)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("head")
    )
    suspects_limit = func.least(head.c.batch_limit, size) if suspects else 0
    limit = case((head.c.batch_limit > 0, suspects_limit), else_=size)
    return (
        select(Case.id)
        .where(is_waiting(), Case.batch_limit == select(head.c.batch_limit).scalar_subquery())
        .order_by(*urgency)
        .limit(select(limit).scalar_subquery())
        .with_for_update(skip_locked=True)
    )


def held_under(token: UUID) -> ColumnElement[bool]:
    """True for the cases that this claim still holds: the guard of every write of a worker."""
    return _is_leased() & (Case.lease_token == token)


def lease_has_ended() -> ColumnElement[bool]:
    """True for cases that a worker holds no longer, though it never said so."""
    return _is_leased() & (Case.lease_until < func.now())


def _is_leased() -> ColumnElement[bool]:
    return Case.assess_state == literal_column("'leased'", Text)


def is_waiting() -> ColumnElement[bool]:
    """The condition of the queue's indexes, written out so that a prepared statement uses them too."""
    return Case.assess_state == literal_column("'waiting'", Text)


def claimed(session: Session, token: UUID, ids: Collection[UUID]) -> Claim:
    """What a model needs of these cases, whoever chose them."""
    images: dict[UUID, list[StoredImage]] = {}
    for case_id, sha256, orientation in session.execute(
        select(Image.case_id, Image.sha256, Image.orientation)
        .join(Case, (Case.id == Image.case_id) & (Case.round == Image.round))
        .where(Case.id.in_(ids))
        .order_by(Image.case_id, Image.position)
    ):
        images.setdefault(case_id, []).append(StoredImage(sha256, orientation))
    rows = session.execute(
        select(Case.id, Case.platform_id, Case.clinical, Case.batch_limit).where(Case.id.in_(ids))
    ).all()
    cases = (
        ClaimedCase(row.id, row.platform_id, row.clinical, tuple(images.get(row.id, ()))) for row in rows
    )
    return Claim(token, any(row.batch_limit > 0 for row in rows), tuple(cases))


def extend(session: Session, tokens: Collection[UUID], lease: timedelta) -> int:
    """Heart-beat: hold what is held under these tokens for another `lease`; how many cases that were."""
    result = session.execute(
        update(Case)
        .where(_is_leased(), Case.lease_token.in_(tokens))
        .values(lease_until=func.now() + lease)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]

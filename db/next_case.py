"""Which case a reader gets next. The order is that of level, due time, id; fairness is bounded and exact.

Every fifth claim of a reader goes to what is late the longest, whatever its level, unless an emergency
waits; then the turn is kept for the next claim. So nothing starves: what is late has only what was due
before it in front of it, nothing that comes later ever joins those, and each such turn takes one of them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    column,
    func,
    literal,
    not_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TableValuedAlias

from db.further_readings import claimable_by
from db.models import Case, Clinician, FurtherReading, KnownCase, Review, Skip
from db.readers import Reader, may_read
from db.review_queue import WAITING, WITHOUT_MODEL, claimable, status_in, without_model_until

EVERY = 5
RANKS = (0, 1, 2, 3, 4)
# Further readings are few, and one that another reader takes in this moment is passed over.
FURTHER_TRIED = 5

Source = Literal["read", "unread", "late", "further"]


class Candidate(NamedTuple):
    """The head of a part of the queue: where to claim, `id` as it was seen."""

    source: Source
    id: UUID
    rank: int
    due_at: datetime


def open_to(reader: Reader, at: datetime, *, skipped: bool = False) -> tuple[ColumnElement[bool], ...]:
    """The conditions on a case that this reader may be offered it; with `skipped` also what they skipped."""
    read_before = (
        select(KnownCase.case_id)
        .join(Review, Review.case_id == KnownCase.source_case_id)
        .where(Review.clinician_id == reader.id)
    )
    own_known = and_(Case.known, Case.id.in_(read_before))
    return (*may_read(reader), not_(own_known), *(() if skipped else (not_skipped(reader, at),)))


def not_skipped(reader: Reader, at: datetime) -> ColumnElement[bool]:
    """Cases that this reader has not passed over a short while ago."""
    return Case.id.not_in(select(Skip.case_id).where(Skip.clinician_id == reader.id, Skip.until > at))


def by_level(session: Session, reader: Reader, at: datetime, *, skipped: bool) -> Sequence[Candidate]:
    """The heads of all parts of the queue, most urgent first; at most one a level and part."""
    allowed = open_to(reader, at, skipped=skipped)
    ranks = all_ranks()
    heads = []
    for source in ("read", "unread"):
        head = _in_order(source, at, Case.id, Case.rank, Case.due_at).where(
            Case.rank == ranks.c.rank, *allowed
        )
        found = head.limit(1).lateral(source)
        heads.append(
            select(literal(source).label("source"), found).select_from(ranks.join(found, literal(True)))
        )
    further = _further(reader, at, skipped).order_by(FurtherReading.rank, FurtherReading.due_at)
    return _all(session, *heads, further.limit(FURTHER_TRIED))


def by_lateness(session: Session, reader: Reader, at: datetime, *, skipped: bool) -> Sequence[Candidate]:
    """What is late the longest: the case, and the further reading, the later one first."""
    case = (
        _in_order("late", at, literal("late").label("source"), Case.id, Case.rank, Case.due_at)
        .where(*open_to(reader, at, skipped=skipped))
        .limit(1)
    )
    further = _further(reader, at, skipped).where(FurtherReading.due_at < at).order_by(FurtherReading.due_at)
    return sorted(_all(session, case, further.limit(FURTHER_TRIED)), key=lambda found: found.due_at)


def all_ranks() -> TableValuedAlias:
    """A row for each rank, to look up each in an index."""
    series = func.generate_series(RANKS[0], RANKS[-1]).table_valued(column("rank", Integer))
    return series.render_derived(name="ranks")


def locked(
    candidate: Candidate, reader: Reader, at: datetime, *, skipped: bool, wait: bool
) -> Select[tuple[UUID]]:
    """The case to claim where the candidate was seen, locked.

    Those that others are just claiming are passed over, or waited for.
    """
    allowed = open_to(reader, at, skipped=skipped)
    chosen = _in_order(candidate.source, at, Case.id).where(*allowed)
    if candidate.source != "late":
        chosen = chosen.where(Case.rank == candidate.rank)
    if candidate.source != "unread":
        # What stands before it is not for this reader: it was passed over once already.
        chosen = chosen.where(Case.due_at >= candidate.due_at)
    return chosen.limit(1).with_for_update(skip_locked=not wait)


def claims_by_level(session: Session, reader: Reader) -> int:
    """How many claims went by level since this reader had one that went by lateness."""
    return session.scalar(select(Clinician.claims_by_level).where(Clinician.id == reader.id)) or 0


def count_claim(session: Session, reader: Reader, *, by_lateness: bool) -> None:
    """Remember which turn this claim was."""
    turns = literal(0) if by_lateness else func.least(Clinician.claims_by_level + 1, EVERY)
    session.execute(
        update(Clinician)
        .where(Clinician.id == reader.id)
        .values(claims_by_level=turns)
        .execution_options(synchronize_session=False)
    )


def _in_order(source: str, at: datetime, *columns: Any) -> Select[Any]:
    """The cases of a part of the queue, in the order of its index."""
    chosen = select(*columns)
    if source == "read":
        ordered = chosen.where(status_in(WAITING), ~Case.awaits_reading)
        return ordered.order_by(Case.rank, Case.due_at, Case.id)
    if source == "unread":
        ready = (status_in(WITHOUT_MODEL), Case.review_from <= without_model_until(at), ~Case.awaits_reading)
        return chosen.where(*ready).order_by(Case.rank, Case.review_from, Case.id)
    late = (is_open(), Case.due_at < at, claimable(at), ~Case.known)
    return chosen.where(*late).order_by(Case.due_at, Case.id)


def is_open() -> ColumnElement[bool]:
    """Cases that are neither decided nor cancelled, as the index of open cases says it."""
    return not_(status_in(("completed", "cancelled")))


def _further(reader: Reader, at: datetime, skipped: bool) -> Select[str, UUID, int, datetime]:
    return (
        select(
            literal("further").label("source"), FurtherReading.id, FurtherReading.rank, FurtherReading.due_at
        )
        .join(Case, Case.id == FurtherReading.case_id)
        .where(*claimable_by(reader), *(() if skipped else (not_skipped(reader, at),)))
    )


def _all(session: Session, *parts: Select[*tuple[Any, ...]]) -> list[Candidate]:
    together = union_all(*(select(part.subquery()) for part in parts))
    found: Iterator[Candidate] = (Candidate(*row) for row in session.execute(together))
    return sorted(found, key=lambda head: (head.rank, head.due_at, head.id))

"""What the page of the queue lists and counts: by what may be shown, of what the reader may read.

Each query reads a bounded part of an index, however many cases wait.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from db.further_readings import claimable_by
from db.models import Case, FurtherReading
from db.next_case import RANKS, all_ranks, open_to
from db.queue_filters import Filters, has_ai_result, shown_flags
from db.readers import Reader
from db.review_queue import WAITING, WITHOUT_MODEL, status_in, without_model_until

# Counts go up to here for each rank; the page then says "999+".
COUNTED = 1000


class Row(NamedTuple):
    """A line of the list. `kind`: a first reading, or which further one; `id` is the case's or that one's."""

    id: UUID
    case_id: UUID
    kind: str
    level: str
    rank: int
    due_at: datetime
    flags: list[str]
    status: str
    has_ai_result: bool


class LevelCount(NamedTuple):
    """How many cases of one level wait, and how many are late; `more`: at least so many."""

    level: str
    waiting: int
    late: int
    more: bool


def first_waiting(
    session: Session, reader: Reader, at: datetime, filters: Filters, limit: int
) -> Sequence[Row]:
    """The head of the list: cases and further readings that this reader may claim, most urgent first."""
    rows = _further_rows(session, reader, at, filters, limit)
    if not filters.further:
        rows += _case_rows(session, reader, at, filters, limit)
    return sorted(rows, key=lambda row: (row.rank, row.due_at, row.id))[:limit]


def waiting_by_level(session: Session, reader: Reader, at: datetime) -> list[LevelCount]:
    """The waiting cases by level, most urgent first; each rank is counted up to `COUNTED`."""
    parts = [
        _of_each_rank(
            source, at, COUNTED, open_to(reader, at, skipped=True),
            Case.shown_rank, Case.shown_level, Case.shown_due_at,
        )
        for source in ("read", "unread")
    ]  # fmt: skip
    together = union_all(*parts).subquery()
    counted = session.execute(
        select(
            together.c.shown_rank, together.c.shown_level, func.count(),
            func.count().filter(together.c.shown_due_at < at),
        )
        .group_by(together.c.shown_rank, together.c.shown_level)
        .order_by(together.c.shown_rank, together.c.shown_level)
    ).all()  # fmt: skip
    full = {rank for rank in RANKS if sum(row[2] for row in counted if row[0] == rank) >= COUNTED}
    return [LevelCount(level, waiting, late, rank in full) for rank, level, waiting, late in counted]


def further_waiting(session: Session, reader: Reader) -> int:
    """How many further readings this reader may take, up to `COUNTED`."""
    some = (
        select(FurtherReading.id)
        .join(Case, Case.id == FurtherReading.case_id)
        .where(*claimable_by(reader))
        .limit(COUNTED)
    )
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _case_rows(session: Session, reader: Reader, at: datetime, filters: Filters, limit: int) -> list[Row]:
    allowed = (*open_to(reader, at, skipped=True), *filters.conditions(at))
    parts = [
        _of_each_rank(source, at, limit, allowed, Case.id, Case.shown_rank, Case.shown_due_at)
        for source in ("read", "unread")
    ]
    heads = union_all(*parts).subquery()
    first = select(heads.c.id).order_by(heads.c.shown_rank, heads.c.shown_due_at, heads.c.id).limit(limit)
    rows = session.execute(
        select(
            Case.id, Case.id.label("case_id"), literal("first"), Case.shown_level, Case.shown_rank,
            Case.shown_due_at,
            shown_flags(), _shown_status(), or_(Case.blind, has_ai_result()),
        ).where(Case.id.in_(first))
    )  # fmt: skip
    return [Row(*row) for row in rows]


def _further_rows(session: Session, reader: Reader, at: datetime, filters: Filters, limit: int) -> list[Row]:
    due_at = case((_hidden_further(), Case.provisional_due_at), else_=FurtherReading.due_at)
    rank = case((_hidden_further(), Case.shown_rank), else_=FurtherReading.rank)
    rows = session.execute(
        select(
            FurtherReading.id, FurtherReading.case_id, FurtherReading.kind, _further_level(), rank, due_at,
            shown_flags(), Case.status, literal(True),
        )
        .join(Case, Case.id == FurtherReading.case_id)
        .where(*claimable_by(reader), *filters.conditions(at))
        .order_by(rank, due_at, FurtherReading.id)
        .limit(limit)
    )  # fmt: skip
    return [Row(*row) for row in rows]


def _of_each_rank(
    source: str, at: datetime, limit: int, allowed: tuple[ColumnElement[bool], ...], *shown: Any
) -> Select[Any]:
    """The first of each rank: bounded, and in the order of an index."""
    ranks = all_ranks()
    chosen = select(*shown).where(~Case.awaits_reading, *allowed)
    if source == "read":
        ordered = chosen.where(status_in(WAITING), Case.shown_rank == ranks.c.rank).order_by(
            Case.shown_rank, Case.shown_due_at, Case.id
        )
    else:
        ready = (status_in(WITHOUT_MODEL), Case.review_from <= without_model_until(at))
        ordered = chosen.where(*ready, Case.rank == ranks.c.rank).order_by(
            Case.rank, Case.review_from, Case.id
        )
    found = ordered.limit(limit).lateral(source)
    return select(found).select_from(ranks.join(found, literal(True)))


def _hidden_further() -> ColumnElement[bool]:
    return and_(Case.blind, FurtherReading.kind == "second")


def _further_level() -> ColumnElement[str]:
    return case((_hidden_further(), Case.provisional_level), else_=Case.level)


def _shown_status() -> ColumnElement[str]:
    """Whether the model could read a blind case is a matter of the AI result too."""
    return case((Case.blind, literal("awaiting_review")), else_=Case.status)

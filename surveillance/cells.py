"""The published cells: the only way in which counts leave the database.

A cell is one week, region, condition and status, the finest there is. Counts from 1 to the threshold are
hidden inside the SQL, so that a small number never reaches Python. Three rules keep hidden cells hidden
within one publication:

- No sum over cells is ever published: no margin, no total, no percentage. So there is nothing from which
  the visible cells could be subtracted.
- A filter chooses cells and never adds them up: asking for a region without a status gives all its cells.
- Cells of zero are left out, those that never held a case and those that hold none any more alike.

What two publications tell when they are compared is another matter: docs/SECURITY.md, "Published counts".
"""

import operator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, Result, case, select, tuple_
from sqlalchemy.orm import Session

from db.models import SurveillanceCount

# Before a clinician decided, then triage's own words.
Status = Literal["preliminary", "suspected", "probable", "confirmed", "ruled_out"]
STATUSES: tuple[Status, ...] = get_args(Status)


class CellKey(NamedTuple):
    """What names a cell; cells are published in this order."""

    week: str
    region: str
    condition: str
    status: str


@dataclass(frozen=True)
class Cell:
    """A cell that is not zero: its count, or None where it is suppressed."""

    key: CellKey
    count: int | None

    @property
    def suppressed(self) -> bool:
        """True when the count lies between 1 and the threshold."""
        return self.count is None


@dataclass(frozen=True)
class Filter:
    """Which cells; None means all values."""

    week_from: str | None = None
    week_to: str | None = None
    region: str | None = None
    condition: str | None = None
    status: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        table = SurveillanceCount
        wanted = [
            (table.week, operator.ge, self.week_from),
            (table.week, operator.le, self.week_to),
            (table.region, operator.eq, self.region),
            (table.condition, operator.eq, self.condition),
            (table.status, operator.eq, self.status),
        ]
        return [compare(column, value) for column, compare, value in wanted if value is not None]


def published_cells(
    session: Session,
    suppress_up_to: int,
    chosen: Filter,
    *,
    after: CellKey | None = None,
    limit: int | None = None,
) -> list[Cell]:
    """The cells of a filter in the order of their keys, those behind `after` first, at most `limit`."""
    key = _key_columns()
    shown = case((SurveillanceCount.count > suppress_up_to, SurveillanceCount.count), else_=None)
    query = select(*key, shown).where(SurveillanceCount.count > 0, *chosen.conditions())
    if after is not None:
        query = query.where(tuple_(*key) > tuple(after))
    rows: Result[*tuple[Any, ...]] = session.execute(query.order_by(*key).limit(limit))
    return [Cell(CellKey(*row[:-1]), row[-1]) for row in rows.all()]


def published_regions(session: Session, week_from: str) -> list[str]:
    """The regions that have a cell since that week."""
    table = SurveillanceCount
    there = select(table.region).where(table.week >= week_from, table.count > 0)
    return list(session.scalars(there.distinct().order_by(table.region)))


def _key_columns() -> tuple[ColumnElement[str], ...]:
    table = SurveillanceCount
    return (table.week, table.region, table.condition, table.status)  # type: ignore[return-value]

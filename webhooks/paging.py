"""Pages of lists, newest first: ids grow with time, so the last id of a page is the cursor."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webhooks.schemas import PageQuery

Row = TypeVar("Row")


def page_of(
    session: Session, chosen: Select[Row], id_column: InstrumentedAttribute[UUID], query: PageQuery
) -> tuple[Sequence[Row], UUID | None]:
    """One page of the chosen rows, and the cursor of the next one or None at the end."""
    if query.cursor:
        chosen = chosen.where(id_column < query.cursor)
    found = session.scalars(chosen.order_by(id_column.desc()).limit(query.limit + 1)).all()
    page = found[: query.limit]
    return page, getattr(page[-1], id_column.key) if len(found) > query.limit else None

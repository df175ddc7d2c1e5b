"""Surveillance counts, changed in the transaction that moves the case: never by scanning cases."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.models import SurveillanceCount


class CountChange(NamedTuple):
    """What a case adds to the counts before and after a move: lists of {"condition", "status"}."""

    accepted_at: datetime
    region: str
    before: Sequence[dict[str, Any]]
    after: Sequence[dict[str, Any]]


def iso_week(moment: datetime) -> str:
    """The ISO week of a moment in UTC, such as 2026-W07."""
    year, week, _ = moment.astimezone(UTC).isocalendar()
    return f"{year}-W{week:02d}"


def change_counts(session: Session, changes: Iterable[CountChange]) -> None:
    """Apply the differences, touching rows in the order of their keys: two workers never deadlock."""
    deltas: Counter[tuple[str, str, str, str]] = Counter()
    for change in changes:
        where = (iso_week(change.accepted_at), change.region)
        for cell in change.after:
            deltas[(*where, cell["condition"], cell["status"])] += 1
        for cell in change.before:
            deltas[(*where, cell["condition"], cell["status"])] -= 1
    rows = [
        {"week": week, "region": region, "condition": condition, "status": status, "count": delta}
        for (week, region, condition, status), delta in sorted(deltas.items())
        if delta
    ]
    if not rows:
        return
    statement = insert(SurveillanceCount).values(rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["week", "region", "condition", "status"],
            set_={"count": func.greatest(0, SurveillanceCount.count + statement.excluded.count)},
        )
    )

"""Cases of the model's queue, read under lock and written back in one statement a batch.

What a case becomes is decided by its caller in plain Python between `lock_cases` and `write_cases`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, DateTime, SmallInteger, Text, Uuid, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from db.models import Case
from db.moves import StateConflict, move, of_chosen


@dataclass(frozen=True)
class LockedCase:
    """A case as its row says; `write_cases` writes all but the first five fields."""

    id: UUID
    platform_id: UUID
    accepted_at: datetime
    region: str
    round: int
    status: str
    assess_state: str
    level: str
    rank: int
    due_at: datetime
    flags: list[str]
    reasons: list[dict[str, Any]]
    counted: list[dict[str, Any]]
    attempts: int
    batch_limit: int
    lease_batch: int | None


READ = tuple(getattr(Case, name) for name in LockedCase.__dataclass_fields__)
WRITTEN: dict[str, Any] = {
    "status": Text(),
    "assess_state": Text(),
    "level": Text(),
    "rank": SmallInteger(),
    "due_at": DateTime(timezone=True),
    "flags": ARRAY(Text()),
    "reasons": JSONB(),
    "counted": JSONB(),
    "attempts": SmallInteger(),
    "batch_limit": SmallInteger(),
}
NO_LEASE: dict[Any, Any] = {
    Case.lease_owner: None,
    Case.lease_token: None,
    Case.lease_until: None,
    Case.lease_batch: None,
}


def lock_cases(
    session: Session, *conditions: ColumnElement[bool], skip_locked: bool = False
) -> list[LockedCase]:
    """The cases that meet the conditions, locked until the transaction ends, in the order of their ids."""
    chosen = select(*READ).where(*conditions).order_by(Case.id).with_for_update(skip_locked=skip_locked)
    return [LockedCase(*row) for row in session.execute(chosen)]


def write_cases(session: Session, cases: Sequence[LockedCase], *, action: str, actor: str) -> None:
    """Move cases that this transaction has locked, end their leases, audit each with its level as detail.

    Raises StateConflict when one is not there any more.
    """
    if not cases:
        return
    new = _as_rows(cases)
    chosen = (
        select(Case.id, *(new.c[name].label(f"new_{name}") for name in WRITTEN))
        .join(new, new.c.id == Case.id)
        .order_by(Case.id)
        .with_for_update(of=Case)
    )
    changed = {getattr(Case, name): of_chosen(f"new_{name}", kind) for name, kind in WRITTEN.items()}
    status = changed.pop(Case.status)
    detail = of_chosen("new_level", Text())
    moved = move(
        session, chosen, status=status, action=action, actor=actor, detail=detail, values=changed | NO_LEASE
    )
    if len(moved) != len(cases):
        raise StateConflict(f"{len(moved)} of {len(cases)} locked cases were written")


def _as_rows(cases: Sequence[LockedCase]) -> Any:
    """One JSON parameter as a table: the statement stays the same for every batch, so it is compiled once."""
    rows = [{name: _plain(getattr(case, name)) for name in ("id", *WRITTEN)} for case in cases]
    columns = (column("id", Uuid()), *(column(name, kind) for name, kind in WRITTEN.items()))
    table = func.jsonb_to_recordset(literal(rows, JSONB())).table_valued(*columns)
    return table.render_derived(name="new", with_types=True)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value

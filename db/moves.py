"""The one function through which a case moves.

It checks the old state inside the UPDATE, counts the rows that changed, and appends the audit entry with
its hash, all in one statement: one case or a batch, nothing half done.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    any_,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from db.audit import entry_hash_in_sql
from db.ids import now
from db.models import AuditEntry, Case


class StateConflict(Exception):
    """The case was not in the state that the move needs: somebody else was faster."""


class Moved(NamedTuple):
    """One case that moved."""

    id: UUID
    old_status: str
    new_status: str


def choose(*conditions: ColumnElement[bool]) -> Select[Any]:
    """The cases that meet the conditions, locked in the order of their ids (no deadlocks)."""
    return select(Case.id).where(*conditions).order_by(Case.id).with_for_update()


def of_chosen(column: str, column_type: TypeEngine[Any]) -> ColumnElement[Any]:
    """A column that `chosen` selects, for use in the values of `move`."""
    return literal_column(f"chosen.{column}", column_type)


# How many cases a move has chosen, for use in its values.
HOW_MANY_CHOSEN = literal_column("(SELECT count(*) FROM chosen)", Integer())


def move(
    session: Session,
    chosen: Select[Any],
    *,
    status: str | ColumnElement[str],
    action: str,
    actor: str,
    detail: str | ColumnElement[str] = "",
    values: dict[Any, Any] | None = None,
    at: datetime | None = None,
) -> list[Moved]:
    """Move every chosen case to `status` and append an audit entry to each; one statement.

    `chosen` selects `Case.id` and must lock its rows (FOR UPDATE, with SKIP LOCKED for queues), so the
    conditions in it still hold when the UPDATE runs. `status`, `detail` and `values` may be expressions over
    the old row and, by `of_chosen`, over what `chosen` selects beside the id. Returns the cases that moved;
    the caller counts them.
    """
    when = at or now()
    old = chosen.add_columns(Case.status.label("old_status")).cte("chosen")
    new_status: ColumnElement[str] = literal(status) if isinstance(status, str) else status
    remark: ColumnElement[str] = literal(detail) if isinstance(detail, str) else detail
    # The planner cannot know how few are chosen, and would read the whole table to find them; of an array it
    # assumes ten elements, and goes by the primary key.
    ids = func.array(select(old.c.id).scalar_subquery(), type_=ARRAY(Uuid()))
    moved = (
        update(Case)
        .where(Case.id == old.c.id, Case.id == any_(ids))
        .values(
            {
                Case.status: new_status,
                Case.audit_seq: Case.audit_seq + 1,
                Case.audit_head: entry_hash_in_sql(
                    at=when, actor=actor, action=action,
                    old_status=old.c.old_status, new_status=new_status, detail=remark,
                ),
                **(values or {}),
            }
        )
        .returning(
            Case.id, old.c.old_status, Case.status, Case.audit_seq, Case.audit_head, remark.label("detail")
        )
        .execution_options(synchronize_session=False)
        .cte("moved")
    )  # fmt: skip
    audited = (
        insert(AuditEntry)
        .from_select(
            ["case_id", "seq", "at", "actor", "action", "old_status", "new_status", "detail", "hash"],
            select(
                moved.c.id, moved.c.audit_seq, literal(when), literal(actor), literal(action),
                moved.c.old_status, moved.c.status, moved.c.detail, moved.c.audit_head,
            ),
        )
        .cte("audited")
    )  # fmt: skip
    rows = session.execute(select(moved.c.id, moved.c.old_status, moved.c.status).add_cte(audited))
    return [Moved(*row) for row in rows]


def move_one(session: Session, case_id: UUID, *conditions: ColumnElement[bool], **how: Any) -> Moved:
    """Move one case.

    Raises StateConflict when the case is not there or does not meet the conditions.
    """
    rows = move(session, choose(Case.id == case_id, *conditions), **how)
    if len(rows) != 1:
        raise StateConflict(f"case {case_id} is not in a state that allows this")
    return rows[0]

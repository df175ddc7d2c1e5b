"""Writes a case with all that belongs to it in one statement: one round trip, and wholly there or not at all.

The rows travel as JSON; PostgreSQL itself makes them rows of its tables.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from db.models import AuditEntry, Case, Event
from intake.idempotency import Attempt, still_running

# All columns but those that PostgreSQL derives from others.
COLUMNS = [column.name for column in Case.__table__.columns if column.computed is None]

# The locks come first: of the key, for the first request that holds it; of the photographs, so that no
# removal takes a file away before this transaction commits its reference to it.
_STORE = text(f"""
    WITH free AS MATERIALIZED (
        SELECT pg_try_advisory_xact_lock(hashtextextended(:lock, 1)) AS yes
    ), held AS MATERIALIZED (
        SELECT count(pg_advisory_xact_lock_shared(hashtextextended(address, 0))) AS addresses
        FROM (SELECT unnest(CAST(:addresses AS text[])) AS address ORDER BY 1) AS photographs
    ), new_case AS (
        INSERT INTO cases ({", ".join(COLUMNS)})
        SELECT {", ".join(f"one.{name}" for name in COLUMNS)}
        FROM free, jsonb_populate_record(NULL::cases, CAST(:case AS jsonb)) AS one WHERE free.yes
    ), new_images AS (
        INSERT INTO images
        SELECT each.* FROM free, jsonb_populate_recordset(NULL::images, CAST(:images AS jsonb)) AS each
        WHERE free.yes
    ), new_entry AS (
        INSERT INTO audit_entries (case_id, seq, at, actor, action, old_status, new_status, detail, hash)
        SELECT case_id, seq, at, actor, action, old_status, new_status, detail, hash
        FROM free, jsonb_populate_record(NULL::audit_entries, CAST(:entry AS jsonb)) WHERE free.yes
    ), new_events AS (
        INSERT INTO events
        SELECT each.* FROM free, jsonb_populate_recordset(NULL::events, CAST(:events AS jsonb)) AS each
        WHERE free.yes
    ), new_key AS (
        INSERT INTO idempotency_keys
        SELECT one.* FROM free, jsonb_populate_record(NULL::idempotency_keys, CAST(:key AS jsonb)) AS one
        WHERE free.yes
        ON CONFLICT (platform_id, key) DO UPDATE
        SET request_sha256 = excluded.request_sha256, case_id = excluded.case_id,
            response = excluded.response, created_at = excluded.created_at
        WHERE idempotency_keys.created_at <= CAST(:forgotten AS timestamptz)
        RETURNING 1
    )
    SELECT free.yes AS free, EXISTS (SELECT 1 FROM new_key) AS stored, held.addresses FROM free, held
""")  # noqa: S608 - the names of our own columns


class AnsweredMeanwhile(Exception):
    """The key got its answer since it was looked up; the transaction must be given up."""


def store_case(
    session: Session,
    this: Attempt,
    *,
    case: dict[str, Any],
    images: Sequence[dict[str, Any]],
    entry: AuditEntry,
    events: Sequence[Event],
    answer: dict[str, Any],
    forgotten: datetime,
) -> None:
    """Insert it all; keys made until `forgotten` count as unused.

    Raises Problem (409) while another request holds the key, AnsweredMeanwhile when one has just ended.
    """
    key = {
        "platform_id": this.platform_id,
        "key": this.key,
        "request_sha256": this.digest,
        "case_id": case["id"],
        "response": answer,
        "created_at": case["accepted_at"],
    }
    written = session.execute(
        _STORE,
        {
            "lock": this.lock,
            "addresses": list({f"{this.platform_id}/{image['sha256']}" for image in images}),
            "case": _json(case),
            "images": _json(images),
            "entry": _json(_row(entry)),
            "events": _json([_row(event) for event in events]),
            "key": _json(key),
            "forgotten": forgotten,
        },
    ).one()
    if not written.free:
        raise still_running()
    if not written.stored:
        raise AnsweredMeanwhile


def _row(found: AuditEntry | Event) -> dict[str, Any]:
    return {name: value for name, value in vars(found).items() if not name.startswith("_")}


def _json(rows: object) -> str:
    return json.dumps(rows, default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a row")

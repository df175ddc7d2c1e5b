"""One case's audit trail for people: its entries with names, and as lines to take away and check."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.audit.check import CaseEnd, Chain, case_end, chain_of
from db.audit.hashes import microseconds
from db.ids import now
from db.models import AuditEntry, Case, Clinician, Platform

HOW_TO_CHECK = (
    "hash = SHA-256(previous entry's hash as 32 bytes, none before the first entry, followed by the UTF-8 "
    "text case_id|seq|at_microseconds|actor|action|old_status|new_status|detail)"
)


class TrailPage(NamedTuple):
    """Entries, newest first; `before` asks for the next older ones, None where there are none."""

    entries: Sequence[AuditEntry]
    before: int | None


def has_chain(session: Session, case_id: UUID) -> bool:
    """Whether there is such a case, or was one that left entries."""
    return bool(
        session.scalar(
            select(exists().where(AuditEntry.case_id == case_id) | exists().where(Case.id == case_id))
        )
    )


def entries_of(session: Session, case_id: UUID, limit: int, before: int | None = None) -> TrailPage:
    """At most `limit` entries of a case, those older than entry number `before`."""
    query = select(AuditEntry).where(AuditEntry.case_id == case_id)
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    found = session.scalars(query.order_by(AuditEntry.seq.desc()).limit(limit + 1)).all()
    more = len(found) > limit
    return TrailPage(found[:limit], found[limit - 1].seq if more else None)


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Names of the people and platforms among `actors`, such as `clinician:<id>`; the rest is not named."""
    named: dict[str, str] = {}
    wanted = {actor: _id(actor) for actor in set(actors)}
    for kind, table in (("clinician", Clinician), ("platform", Platform)):
        ids = [key for actor, key in wanted.items() if key and actor.startswith(f"{kind}:")]
        rows = session.execute(select(table.id, table.name).where(table.id.in_(ids))) if ids else ()
        named |= {f"{kind}:{key}": name for key, name in rows}
    return named


def trail_lines(session: Session, case_id: UUID) -> Iterator[dict[str, Any]]:
    """A case's trail as JSON lines: what it is and how to check it, each entry, and what the check found.

    Entries are read as they are written out, so a long chain needs no more memory than a short one.
    """
    yield {"case_id": str(case_id), "exported_at": now().isoformat(), "how_to_check": HOW_TO_CHECK}
    chain, end = Chain(case_id), CaseEnd(False, None, None)
    faults: list[str] = []
    for row in session.execute(chain_of(case_id)):
        end = case_end(row)
        if row.case_id is not None:
            faults += chain.faults_of(row)
            yield _line(row)
    faults += chain.faults_at_end(end)
    yield {
        "verified": not faults,
        "faults": faults,
        "entries": chain.seq,
        "head": chain.head.hex(),
        "case": "there" if end.exists else "erased",
    }


def _line(row: Any) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "at": row.at.isoformat(),
        "at_microseconds": microseconds(row.at),
        "actor": row.actor,
        "action": row.action,
        "old_status": row.old_status,
        "new_status": row.new_status,
        "detail": row.detail,
        "hash": row.hash.hex(),
    }


def _id(actor: str) -> UUID | None:
    try:
        return UUID(actor.partition(":")[2])
    except ValueError:
        return None

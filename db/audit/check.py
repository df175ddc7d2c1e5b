"""Is the audit trail whole? Every chain entry by entry, each chain's end, and every anchor.

What finds what: a changed, inserted or exchanged entry breaks a hash; a removed one leaves a gap in the
numbers; a chain that was cut at its end, or is gone, differs from what its case knows (`audit_seq` and
`audit_head`), or lacks the entry of the case's erasure; and what was done to erased cases, or to cases and
chains together, differs from the anchors. Only what no anchor covers yet (an hour at most, see
`worker.sweeps`) can vanish together with its case.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.orm import Session

from db.audit.anchors import heads_digest, sealed
from db.audit.hashes import entry_hash
from db.models import AuditAnchor, AuditEntry, Case

ERASED = "case.erased"
AT_ONCE = 1000
ENTRY = tuple(AuditEntry.__table__.columns)
END = (Case.id.label("existing_id"), Case.audit_seq, Case.audit_head)


class CaseEnd(NamedTuple):
    """Where a case says that its chain ends; `exists` is False for a case that is gone."""

    exists: bool
    seq: int | None
    head: bytes | None


class Chain:
    """Checks one chain: give it the entries in their order, then ask for its end."""

    def __init__(self, case_id: UUID) -> None:
        self.case_id, self.seq, self.head, self.entry_id, self.erased = case_id, 0, b"", 0, False

    def faults_of(self, entry: Any) -> Iterator[str]:
        """What is wrong with the next entry."""
        expected = entry_hash(
            self.head, case_id=entry.case_id, seq=entry.seq, at=entry.at, actor=entry.actor,
            action=entry.action, old_status=entry.old_status, new_status=entry.new_status,
            detail=entry.detail,
        )  # fmt: skip
        if entry.seq != self.seq + 1:
            yield f"case {self.case_id}: entry {self.seq + 1} is missing"
        elif entry.hash != expected:
            yield f"case {self.case_id}: entry {entry.seq} was changed"
        elif entry.id <= self.entry_id:
            yield f"case {self.case_id}: entry {entry.seq} stands out of order"
        if self.erased:
            yield f"case {self.case_id}: entry {entry.seq} comes after the erasure"
        self.seq, self.head, self.entry_id = entry.seq, entry.hash, entry.id
        self.erased = entry.action == ERASED

    def faults_at_end(self, case: CaseEnd) -> Iterator[str]:
        """What is wrong with where the chain ends."""
        if not case.exists:
            if not self.erased:
                yield f"case {self.case_id}: it is gone, and no entry says that it was erased"
        elif self.erased:
            yield f"case {self.case_id}: it is there, though its erasure is on record"
        elif case.seq is not None and case.seq > self.seq:
            missing = f"{self.seq + 1} to {case.seq}" if case.seq > self.seq + 1 else f"{case.seq}"
            yield f"case {self.case_id}: the end of the chain is missing (entry {missing})"
        elif (case.seq, case.head) != (self.seq, self.head):
            yield f"case {self.case_id}: the chain does not end where its case says"


def verify_chains(session: Session, kept: tuple[int, bytes] | None = None) -> list[str]:
    """Every fault found in the trail, in words; empty when it is whole.

    `kept`: id and digest of an anchor that was written down elsewhere; it must still stand.
    """
    return [
        *_faults_of_chains(session, _entries_with_cases()),
        *_faults_of_anchors(session),
        *(_faults_of_kept(session, *kept) if kept else ()),
    ]


def verify_chain(session: Session, case_id: UUID) -> list[str]:
    """The faults of one case's chain; the anchors are checked with all chains only."""
    return list(_faults_of_chains(session, chain_of(case_id)))


def _entries_with_cases() -> Select[Any]:
    # One statement, so that cases which move meanwhile are seen with their entries or not at all.
    return (
        select(*ENTRY, *END)
        .join_from(AuditEntry, Case, Case.id == AuditEntry.case_id, full=True)
        .order_by(func.coalesce(AuditEntry.case_id, Case.id), AuditEntry.seq)
        .execution_options(yield_per=AT_ONCE)
    )


def chain_of(case_id: UUID) -> Select[Any]:
    """One case's entries in their order, each with what the case knows of its chain; at least one row."""
    asked = select(literal(case_id).label("id")).subquery("asked")
    return (
        select(*ENTRY, *END)
        .select_from(asked)
        .join(AuditEntry, AuditEntry.case_id == asked.c.id, isouter=True)
        .join(Case, Case.id == asked.c.id, isouter=True)
        .order_by(AuditEntry.seq)
        .execution_options(yield_per=AT_ONCE)
    )


def _faults_of_chains(session: Session, query: Select[Any]) -> Iterator[str]:
    for case_id, rows in groupby(session.execute(query), lambda row: row.case_id or row.existing_id):
        chain, end = Chain(case_id), CaseEnd(False, None, None)
        for row in rows:
            end = case_end(row)
            if row.case_id is not None:
                yield from chain.faults_of(row)
        yield from chain.faults_at_end(end)


def case_end(row: Row[Any]) -> CaseEnd:
    """What the case of an entry's row says of its chain."""
    return CaseEnd(row.existing_id is not None, row.audit_seq, row.audit_head)


def _faults_of_anchors(session: Session) -> Iterator[str]:
    after, previous, sealing = 0, b"", False
    for anchor in session.scalars(select(AuditAnchor).order_by(AuditAnchor.id)).all():
        heads, digest = heads_digest(session, after, anchor.through_entry_id, previous)
        if anchor.digest == sealed(digest, anchor.at):
            sealing = True
        # The oldest anchors do not cover the moment at which they were laid.
        elif sealing or anchor.digest != digest:
            through = anchor.through_entry_id
            yield f"anchor {anchor.id}: it was changed, or an entry up to {through} was changed or removed"
        if heads != anchor.heads:
            yield f"anchor {anchor.id}: {anchor.heads} chains had grown, {heads} are there"
        after, previous = anchor.through_entry_id, anchor.digest


def _faults_of_kept(session: Session, anchor_id: int, digest: bytes) -> Iterator[str]:
    anchor = session.get(AuditAnchor, anchor_id)
    if anchor is None or anchor.digest != digest:
        yield f"anchor {anchor_id}: it is not the one that was written down"

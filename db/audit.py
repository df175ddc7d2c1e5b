"""The audit chain: how an entry's hash is made, in Python and in SQL alike, and how anchors are laid.

hash(n) = SHA-256( hash(n-1) || "case|seq|at|actor|action|old|new|detail" in UTF-8 ), with `at` in
microseconds since 1970 and an empty hash before the first entry.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, Text, cast, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from db.ids import now
from db.models import AuditAnchor, AuditEntry, Case

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANCHORS_LOCK = 0x616E63686F72


def entry_hash(
    previous: bytes,
    *,
    case_id: UUID,
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    old_status: str,
    new_status: str,
    detail: str,
) -> bytes:
    """The hash of one entry, 32 bytes."""
    microseconds = (at - EPOCH) // timedelta(microseconds=1)
    line = f"{case_id}|{seq}|{microseconds}|{actor}|{action}|{old_status}|{new_status}|{detail}"
    return sha256(previous + line.encode()).digest()


def entry_hash_in_sql(
    *,
    at: datetime,
    actor: str,
    action: str,
    old_status: ColumnElement[str],
    new_status: ColumnElement[str],
    detail: ColumnElement[str],
) -> ColumnElement[bytes]:
    """The same hash as an SQL expression over the `cases` row that is being moved."""
    microseconds = (at - EPOCH) // timedelta(microseconds=1)
    line = func.concat(
        cast(Case.id, Text), "|", Case.audit_seq + 1, "|", cast(microseconds, BigInteger),
        f"|{actor}|{action}|", old_status, "|", new_status, "|", detail,
    )  # fmt: skip
    return func.sha256(Case.audit_head.op("||")(func.convert_to(line, "UTF8")), type_=LargeBinary)


def first_entry(case_id: UUID, *, at: datetime, actor: str, action: str, status: str) -> AuditEntry:
    """The entry that opens a case's chain; its `hash` belongs into `Case.audit_head`, 1 into `audit_seq`."""
    hashed = entry_hash(
        b"", case_id=case_id, seq=1, at=at, actor=actor, action=action,
        old_status="", new_status=status, detail="",
    )  # fmt: skip
    return AuditEntry(
        case_id=case_id, seq=1, at=at, actor=actor, action=action,
        old_status="", new_status=status, detail="", hash=hashed,
    )  # fmt: skip


def _heads_digest(session: Session, after_id: int, through_id: int, previous: bytes) -> tuple[int, bytes]:
    heads = session.execute(
        select(AuditEntry.case_id, AuditEntry.seq, AuditEntry.hash)
        .where(AuditEntry.id > after_id, AuditEntry.id <= through_id)
        .ext(distinct_on(AuditEntry.case_id))
        .order_by(AuditEntry.case_id, AuditEntry.seq.desc())
    )
    digest, count = sha256(previous), 0
    for case_id, seq, head in heads:
        digest.update(f"{case_id}|{seq}|".encode() + head)
        count += 1
    return count, digest.digest()


def anchor_chains(session: Session) -> AuditAnchor | None:
    """Lay an anchor over the chains that grew since the last one; None when nothing did.

    The lock waits for writers in flight, so that no entry with a smaller id can appear behind the anchor. Of
    two that lay anchors at once the second waits and starts from the first one's.
    """
    session.execute(select(func.pg_advisory_xact_lock(ANCHORS_LOCK)))
    session.execute(text("LOCK TABLE audit_entries IN SHARE MODE"))
    last = session.scalar(select(AuditAnchor).order_by(AuditAnchor.id.desc()).limit(1))
    after, previous = (last.through_entry_id, last.digest) if last else (0, b"")
    through = session.scalar(select(func.max(AuditEntry.id))) or 0
    if through <= after:
        return None
    heads, digest = _heads_digest(session, after, through, previous)
    anchor = AuditAnchor(at=now(), through_entry_id=through, heads=heads, digest=digest)
    session.add(anchor)
    return anchor


def verify_chains(session: Session) -> list[str]:
    """Every fault found in the trail, in words; empty when it is whole."""
    return [*_faults_of_entries(session), *_faults_of_anchors(session)]


def _faults_of_entries(session: Session) -> list[str]:
    faults: list[str] = []
    case_id, seq, head = None, 0, b""
    entries = session.scalars(
        select(AuditEntry).order_by(AuditEntry.case_id, AuditEntry.seq).execution_options(yield_per=1000)
    )
    for entry in entries:
        if entry.case_id != case_id:
            case_id, seq, head = entry.case_id, 0, b""
        expected = entry_hash(
            head, case_id=entry.case_id, seq=entry.seq, at=entry.at, actor=entry.actor, action=entry.action,
            old_status=entry.old_status, new_status=entry.new_status, detail=entry.detail,
        )  # fmt: skip
        if entry.seq != seq + 1:
            faults.append(f"case {case_id}: entry {seq + 1} is missing")
        elif entry.hash != expected:
            faults.append(f"case {case_id}: entry {entry.seq} was changed")
        seq, head = entry.seq, entry.hash
    return faults


def _faults_of_anchors(session: Session) -> list[str]:
    faults: list[str] = []
    after, previous = 0, b""
    for anchor in session.scalars(select(AuditAnchor).order_by(AuditAnchor.id)).all():
        heads, digest = _heads_digest(session, after, anchor.through_entry_id, previous)
        if (heads, digest) != (anchor.heads, anchor.digest):
            faults.append(
                f"anchor {anchor.id}: entries up to {anchor.through_entry_id} were changed or removed"
            )
        after, previous = anchor.through_entry_id, anchor.digest
    return faults

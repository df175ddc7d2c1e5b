"""The audit chain: how an entry's hash is made, in Python and in SQL alike.

hash(n) = SHA-256( hash(n-1) || "case|seq|at|actor|action|old|new|detail" in UTF-8 ), with `at` in
microseconds since 1970 and an empty hash before the first entry.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, Text, cast, func

from db.models import AuditEntry, Case

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """A moment as the hashes know it: microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


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
    line = f"{case_id}|{seq}|{microseconds(at)}|{actor}|{action}|{old_status}|{new_status}|{detail}"
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
    line = func.concat(
        cast(Case.id, Text), "|", Case.audit_seq + 1, "|", cast(microseconds(at), BigInteger),
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

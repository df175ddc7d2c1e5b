"""Anchors: from time to time a digest over the newest hash of every chain, so that no chain can vanish."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from db.audit.hashes import microseconds
from db.ids import now
from db.models import AuditAnchor, AuditEntry

ANCHORS_LOCK = 0x616E63686F72


def heads_digest(session: Session, after_id: int, through_id: int, previous: bytes) -> tuple[int, bytes]:
    """How many chains grew between two entries, and the digest over their newest hashes."""
    heads = session.execute(
        select(AuditEntry.case_id, AuditEntry.seq, AuditEntry.hash)
        .where(AuditEntry.id > after_id, AuditEntry.id <= through_id)
        .ext(distinct_on(AuditEntry.case_id))
        .order_by(AuditEntry.case_id, AuditEntry.seq.desc())
        .execution_options(yield_per=1000)
    )
    digest, count = sha256(previous), 0
    for case_id, seq, head in heads:
        digest.update(f"{case_id}|{seq}|".encode() + head)
        count += 1
    return count, digest.digest()


def sealed(digest: bytes, at: datetime) -> bytes:
    """An anchor's digest: that over the heads, with the moment at which it was laid."""
    return sha256(digest + str(microseconds(at)).encode()).digest()


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
    at = now()
    heads, digest = heads_digest(session, after, through, previous)
    anchor = AuditAnchor(at=at, through_entry_id=through, heads=heads, digest=sealed(digest, at))
    session.add(anchor)
    return anchor

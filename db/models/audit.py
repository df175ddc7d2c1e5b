"""The audit trail: append-only, chained by hash per case, anchored over all chains from time to time.

Ids, states and levels only, so that a lawful erasure of a case leaves its entries whole. A trigger in the
database refuses UPDATE, DELETE and TRUNCATE on both tables (see the first migration).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class AuditEntry(Base):
    """One thing done to one case. `hash` covers the entry and the hash before it (see `db.audit`)."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[UUID]
    seq: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    old_status: Mapped[str]
    new_status: Mapped[str]
    detail: Mapped[str]
    hash: Mapped[bytes]

    __table_args__ = (UniqueConstraint("case_id", "seq"), Index("ix_audit_entries_at", "at"))


class AuditAnchor(Base):
    """A digest over the newest hash of every chain that grew since the anchor before."""

    __tablename__ = "audit_anchors"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    through_entry_id: Mapped[int] = mapped_column(BigInteger)
    heads: Mapped[int]
    digest: Mapped[bytes]

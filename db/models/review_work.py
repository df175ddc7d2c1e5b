"""What clinicians' work leaves beside cases and reviews: drafts, further readings, skips, views, notices."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from db.ids import new_id, now
from db.models.base import Base


class ReviewDraft(Base):
    """What a reader has typed about a case and not sent; it outlives the lease. `fields` is the form's."""

    __tablename__ = "review_drafts"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    clinician_id: Mapped[UUID] = mapped_column(ForeignKey("clinicians.id"), primary_key=True)
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime] = mapped_column(default=now)


class FurtherReading(Base):
    """A second reading or adjudication that a decision needs: a queue of its own, with leases as on cases.

    `review_id` is the reading to be checked, `other_review_id` the one that differs (adjudication). `why`:
    the rules that ask for it. `takes_effect`: the checked decision waits for this; else it stands already.
    `excluded`: people who read the case before. `rank` and `due_at` order it among the waiting cases.
    """

    __tablename__ = "further_readings"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    kind: Mapped[str]
    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    other_review_id: Mapped[UUID | None] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    why: Mapped[list[str]]
    takes_effect: Mapped[bool]
    excluded: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    rank: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("clinicians.id"))
    review_token: Mapped[UUID | None]
    review_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('second', 'adjudication')", name="kind"),
        CheckConstraint("state IN ('waiting', 'held', 'done', 'cancelled')", name="state"),
        UniqueConstraint("review_id", "kind"),
        Index("ix_further_readings_case", "case_id"),
        Index(
            "ix_further_readings_waiting", "rank", "due_at", "id", postgresql_where=text("state = 'waiting'")
        ),
        Index("ix_further_readings_held", "review_until", postgresql_where=text("state = 'held'")),
    )


class Skip(Base):
    """A reader passed a case over, and is not offered it until then."""

    __tablename__ = "skips"

    clinician_id: Mapped[UUID] = mapped_column(ForeignKey("clinicians.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str]
    until: Mapped[datetime]


class SavedView(Base):
    """A reader's filters of the queue, under a name."""

    __tablename__ = "saved_views"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clinician_id: Mapped[UUID] = mapped_column(ForeignKey("clinicians.id"))
    name: Mapped[str]
    filters: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("clinician_id", "name"),)


class Notice(Base):
    """Something that a role must hear of, once: shown on its pages until it has ended.

    `kind`: `overdue`, `unclaimable`, `drift`. `stage` counts the steps of an escalation. `subject` is what
    it is about where that is no case (a model version and week). `detail` holds ids and levels only.
    """

    __tablename__ = "notices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    stage: Mapped[int] = mapped_column(SmallInteger, default=0)
    role: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("clinicians.id"))

    __table_args__ = (
        UniqueConstraint("kind", "stage", "case_id", "subject", postgresql_nulls_not_distinct=True),
        Index("ix_notices_open", "role", "created_at", postgresql_where=text("ended_at IS NULL")),
    )


# The platform of all known cases: it has no keys, so nobody reads or sends anything under it.
RESERVED_PLATFORM = "known cases"


class KnownCase(Base):
    """A known case: the copy of a decided one, with what it is known to be."""

    __tablename__ = "known_cases"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    source_case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    level: Mapped[str]
    diagnosis: Mapped[str | None]
    seeded_by: Mapped[UUID] = mapped_column(ForeignKey("clinicians.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

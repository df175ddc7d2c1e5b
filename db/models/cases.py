"""A case and what belongs to it alone: photographs and the idempotency key it came with.

A case has two states. `status` is what people see (blueprint: "The way of a case"). `assess_state` is the
model's queue: a clinician may hold or even decide a case that still waits for the model, and the model's
late result must find its place without moving what people did.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.ids import new_id, now
from db.models.base import Base

STATUSES = (
    "queued",
    "assessing",
    "awaiting_review",
    "in_review",
    "completed",
    "needs_retake",
    "failed",
    "cancelled",
)
# Written as PostgreSQL writes them back, so that a migration can be compared with the model.
SHOWN_RANK = (
    "CASE WHEN blind THEN CASE provisional_level WHEN 'emergency'::text THEN 0 WHEN 'urgent'::text THEN 1"
    " WHEN 'priority'::text THEN 2 WHEN 'self_care'::text THEN 4 ELSE 3 END ELSE (rank)::integer END"
)
SHOWN_LEVEL = "CASE WHEN blind THEN provisional_level ELSE level END"
SHOWN_DUE_AT = "CASE WHEN blind THEN provisional_due_at ELSE due_at END"
# What the reading queue's indexes cover.
WAITING = "status IN ('awaiting_review', 'failed', 'needs_retake') AND NOT awaits_reading"
READABLE_BY = ["platform_id", "region", "language", "known"]
ASSESS_STATES = ("waiting", "leased", "done", "failed", "none")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Case(Base):
    """One submission: clinical information, level, and where it stands."""

    __tablename__ = "cases"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platforms.id"))
    accepted_at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[str] = mapped_column(default="queued")
    patient_ref: Mapped[str]
    region: Mapped[str]
    clinical: Mapped[dict[str, Any]]

    # The rule floor, before any model.
    provisional_level: Mapped[str]
    provisional_reasons: Mapped[list[dict[str, Any]]]

    # The level in force: the floor, then the assessment's, then the clinician's.
    level: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime]
    flags: Mapped[list[str]] = mapped_column(default=list)
    reasons: Mapped[list[dict[str, Any]]]

    # The model's queue: who holds the case until when; how often it failed alone; 0 or the size of the
    # largest batch it may run in after its batch was lost.
    assess_state: Mapped[str] = mapped_column(default="waiting")
    round: Mapped[int] = mapped_column(SmallInteger, default=0)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    batch_limit: Mapped[int] = mapped_column(SmallInteger, default=0)
    lease_owner: Mapped[str | None]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    lease_batch: Mapped[int | None] = mapped_column(SmallInteger)

    # What a reader may know before the AI result is revealed: `blind` says that the first reading is blind.
    blind: Mapped[bool] = mapped_column(default=False)
    provisional_flags: Mapped[list[str]] = mapped_column(default=list)
    provisional_due_at: Mapped[datetime]

    # What lists show of it to people who must not know the AI result: what intake knew, where it is blind.
    shown_level: Mapped[str] = mapped_column(Computed(SHOWN_LEVEL, persisted=True))
    shown_rank: Mapped[int] = mapped_column(SmallInteger, Computed(SHOWN_RANK, persisted=True))
    shown_due_at: Mapped[datetime] = mapped_column(Computed(SHOWN_DUE_AT, persisted=True))

    # Who may read it goes by platform, region and language (the first subtag of the platform's BCP 47 tag).
    language: Mapped[str] = mapped_column(default="en")
    # A copy of a decided case, to watch how well people read: never sent to a platform, never counted.
    known: Mapped[bool] = mapped_column(default=False)
    # A lowering decision waits for its second reading: first readers pass the case over.
    awaits_reading: Mapped[bool] = mapped_column(default=False)
    # How often lateness was told of: 0 not at all, then clinicians, seniors, administrators.
    escalation_stage: Mapped[int] = mapped_column(SmallInteger, default=0)

    # The clinicians' queue: from when a case may be claimed without an AI result, and who holds it.
    review_from: Mapped[datetime]
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("clinicians.id"))
    review_token: Mapped[UUID | None]
    review_until: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]

    # What this case adds to the surveillance counts now: [{"condition": ..., "status": ...}].
    counted: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    # The end of this case's audit chain.
    audit_seq: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[bytes] = mapped_column(default=b"")

    images: Mapped[list["Image"]] = relationship(order_by="Image.position", lazy="raise", viewonly=True)

    __table_args__ = (
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        CheckConstraint(_one_of("assess_state", ASSESS_STATES), name="assess_state"),
        Index("ix_cases_platform_listing", "platform_id", "id"),
        Index("ix_cases_patient", "platform_id", "patient_ref"),
        # The worker's claim: the head of the queue, then its neighbours of the same batch limit.
        Index("ix_cases_claim", "rank", "due_at", "id", postgresql_where=text("assess_state = 'waiting'")),
        Index(
            "ix_cases_claim_group",
            "batch_limit",
            "rank",
            "due_at",
            "id",
            postgresql_where=text("assess_state = 'waiting'"),
        ),
        Index("ix_cases_leased", "lease_until", postgresql_where=text("assess_state = 'leased'")),
        # The clinicians' claim and list. They hold what decides who may read a case, so that passing over the
        # cases of others reads no rows.
        Index(
            "ix_cases_review",
            "rank",
            "due_at",
            "id",
            postgresql_include=READABLE_BY,
            postgresql_where=text(WAITING),
        ),
        Index(
            "ix_cases_listing",
            "shown_rank",
            "shown_due_at",
            "id",
            postgresql_include=[*READABLE_BY, "shown_level"],
            postgresql_where=text(WAITING),
        ),
        # Within a level those that may be claimed without an AI result come first.
        Index(
            "ix_cases_review_without_model",
            "rank",
            "review_from",
            "id",
            postgresql_where=text("status IN ('queued', 'assessing')"),
        ),
        # What is late the longest, for fairness and for the sweep that tells of it.
        Index(
            "ix_cases_open", "due_at", "id", postgresql_where=text("status NOT IN ('completed', 'cancelled')")
        ),
        Index("ix_cases_in_review", "review_until", postgresql_where=text("status = 'in_review'")),
    )


class Image(Base):
    """One photograph as stored: no metadata but its orientation (EXIF 1 to 8, applied when read)."""

    __tablename__ = "images"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platforms.id"))
    round: Mapped[int] = mapped_column(SmallInteger, default=0)
    position: Mapped[int] = mapped_column(SmallInteger)
    sha256: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    orientation: Mapped[int] = mapped_column(SmallInteger, default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        Index("ix_images_content", "platform_id", "sha256"),
    )


class IdempotencyKey(Base):
    """The answer given to a request, so that the same request gets it again."""

    __tablename__ = "idempotency_keys"

    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platforms.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[bytes]
    case_id: Mapped[UUID]
    response: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)

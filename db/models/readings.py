"""Readings of a case: the model's (assessments), a shadow model's, and people's (reviews)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.ids import new_id, now
from db.models.base import Base


class Assessment(Base):
    """One model run on a case, one row a round of photographs. `late`: a clinician held the case already."""

    __tablename__ = "assessments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    round: Mapped[int] = mapped_column(SmallInteger)
    model_version_id: Mapped[UUID] = mapped_column(ForeignKey("model_versions.id"))
    findings: Mapped[list[dict[str, Any]]]
    classifier: Mapped[list[dict[str, Any]]]
    explanation: Mapped[str]
    image_quality: Mapped[list[dict[str, Any]]]
    level: Mapped[str]
    flags: Mapped[list[str]]
    reasons: Mapped[list[dict[str, Any]]]
    provenance: Mapped[dict[str, Any]]
    # Numbers behind the flags: entropy, disagreement, image dependence; the prediction set with its coverage.
    signals: Mapped[dict[str, Any]] = mapped_column(default=dict)
    late: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("case_id", "round"),)


class SaliencyMap(Base):
    """Where the model looked: an overlay for one photograph of an assessment, a PNG with transparency."""

    __tablename__ = "saliency_maps"

    assessment_id: Mapped[UUID] = mapped_column(
        ForeignKey("assessments.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    png: Mapped[bytes]


class ShadowAssessment(Base):
    """What a model on trial makes of a case. It never touches the case: no level, no flag, no event."""

    __tablename__ = "shadow_assessments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    round: Mapped[int] = mapped_column(SmallInteger)
    model_version_id: Mapped[UUID] = mapped_column(ForeignKey("model_versions.id"))
    # Empty with `error` where the model on trial raised on this case.
    findings: Mapped[list[dict[str, Any]]]
    explanation: Mapped[str]
    level: Mapped[str | None]
    flags: Mapped[list[str]]
    provenance: Mapped[dict[str, Any]]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("case_id", "round", "model_version_id"),
        Index("ix_shadow_assessments_model", "model_version_id", "created_at"),
    )


REVIEW_KINDS = ("first", "second", "adjudication", "known", "amendment")


class Review(Base):
    """A clinician's reading: opened by a claim, closed by a decision or a release.

    In a blind reading `blind_level` and `blind_diagnosis` are recorded before `revealed_at`, when the AI
    result is shown. `final_at` is from when the decision is the case's result: null while it waits for
    another reader, and for a second reader who only agreed. `before` holds what a decision changed, and in
    `until` how long it can be undone. A correction is a new review that supersedes one.
    """

    __tablename__ = "reviews"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    clinician_id: Mapped[UUID] = mapped_column(ForeignKey("clinicians.id"), index=True)
    kind: Mapped[str] = mapped_column(default="first")
    assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("assessments.id", ondelete="CASCADE"))
    claimed_at: Mapped[datetime] = mapped_column(default=now)
    released_at: Mapped[datetime | None]
    # Why it was given back: skipped with a reason, handed over.
    release_reason: Mapped[str | None]
    handed_to: Mapped[UUID | None] = mapped_column(ForeignKey("clinicians.id"))
    blind: Mapped[bool] = mapped_column(default=False)
    blind_level: Mapped[str | None]
    blind_diagnosis: Mapped[str | None]
    blind_diagnosis_code: Mapped[str | None]
    revealed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    before: Mapped[dict[str, Any] | None]
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    verdict: Mapped[str | None]
    level: Mapped[str | None]
    diagnosis: Mapped[str | None]
    # An entry of the coded list of diagnoses, where one was chosen.
    diagnosis_code: Mapped[str | None]
    reason: Mapped[str | None]
    laboratory: Mapped[dict[str, Any] | None]

    __table_args__ = (
        CheckConstraint(f"kind IN {REVIEW_KINDS}", name="kind"),
        Index("ix_reviews_decided", "decided_at", postgresql_where=text("decided_at IS NOT NULL")),
    )

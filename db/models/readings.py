"""Readings of a case: the model's (assessments) and people's (reviews), with the model versions used."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.ids import new_id, now
from db.models.base import Base


class ModelVersion(Base):
    """A model as it was loaded once: its reference, weights hash and full provenance."""

    __tablename__ = "model_versions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str]
    revision: Mapped[str]
    provenance: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("ref", "revision"),)


class ModelControl(Base):
    """One row (id 1): whether assessment is paused. Intake and review go on."""

    __tablename__ = "model_control"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paused: Mapped[bool] = mapped_column(Boolean, default=False)
    changed_at: Mapped[datetime] = mapped_column(default=now)


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
    late: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("case_id", "round"),)


class Review(Base):
    """A clinician's reading: opened by a claim, closed by a decision or a release."""

    __tablename__ = "reviews"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    clinician_id: Mapped[UUID] = mapped_column(ForeignKey("clinicians.id"), index=True)
    kind: Mapped[str] = mapped_column(default="first")
    assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("assessments.id", ondelete="CASCADE"))
    claimed_at: Mapped[datetime] = mapped_column(default=now)
    released_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    level: Mapped[str | None]
    diagnosis: Mapped[str | None]
    reason: Mapped[str | None]
    laboratory: Mapped[dict[str, Any] | None]

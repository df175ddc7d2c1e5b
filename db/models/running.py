"""Which models run: versions seen, the model that is wanted, and what each worker has loaded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, UniqueConstraint
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
    """One row (id 1): whether assessment is paused, which model is wanted, and which one is on trial.

    `active_ref` empty: each worker's own `WORKER_MODEL_REF`. `active_revision` is the weights hash that was
    checked at activation, so that a folder whose weights were changed since is noticed. The moments tell
    workers that something changed, the same reference over changed weights too.
    """

    __tablename__ = "model_control"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paused: Mapped[bool] = mapped_column(Boolean, default=False)
    active_ref: Mapped[str | None]
    active_revision: Mapped[str | None]
    active_since: Mapped[datetime | None]
    shadow_ref: Mapped[str | None]
    shadow_revision: Mapped[str | None]
    shadow_since: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=now)


class ModelWorker(Base):
    """What one worker process has loaded, as it last said; `fault` where it could not load what is wanted."""

    __tablename__ = "model_workers"

    owner: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str]
    revision: Mapped[str]
    device: Mapped[str]
    shadow_revision: Mapped[str | None]
    fault: Mapped[str | None]
    loaded_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now, index=True)

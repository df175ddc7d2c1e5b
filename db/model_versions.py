"""Which models have read cases: one row for each reference and weights hash."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import new_id, now
from db.models import ModelVersion


def register_model(session: Session, *, ref: str, revision: str, provenance: dict[str, Any]) -> UUID:
    """The id of this model version; written down when it is new."""
    session.execute(
        insert(ModelVersion)
        .values(id=new_id(), ref=ref, revision=revision, provenance=provenance, created_at=now())
        .on_conflict_do_nothing(index_elements=["ref", "revision"])
    )
    found = select(ModelVersion.id).where(ModelVersion.ref == ref, ModelVersion.revision == revision)
    return session.scalars(found).one()

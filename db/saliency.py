"""Overlays of where the model looked, beside the assessment that they belong to; gone when it is."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import new_id
from db.models import Assessment, SaliencyMap


def keep_saliency(session: Session, assessment: Assessment, overlays: Sequence[bytes | None]) -> None:
    """Add an overlay for each photograph that has one; `position` is its place among those assessed."""
    # The id is made when a row is written, and the overlays name it before.
    assessment.id = assessment.id or new_id()
    session.add_all(
        SaliencyMap(assessment_id=assessment.id, position=position, png=png)
        for position, png in enumerate(overlays)
        if png is not None
    )


def overlay_of(session: Session, assessment_id: UUID, position: int) -> bytes | None:
    """The overlay of one photograph, None where there is none."""
    return session.scalar(
        select(SaliencyMap.png).where(
            SaliencyMap.assessment_id == assessment_id, SaliencyMap.position == position
        )
    )


def positions_with_overlay(session: Session, assessment_id: UUID) -> frozenset[int]:
    """The places of the photographs that have an overlay."""
    found = session.scalars(select(SaliencyMap.position).where(SaliencyMap.assessment_id == assessment_id))
    return frozenset(found)

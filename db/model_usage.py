"""Which model versions were seen, how often each has read a case, and what one of them made of a case."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from db.models import Assessment, Case, Image, ModelVersion, ShadowAssessment
from db.queue import ClaimedCase, StoredImage


class VersionSeen(NamedTuple):
    """A reference with the weights hash it had, and how many cases it assessed for good and on trial."""

    ref: str
    revision: str
    first_loaded_at: datetime
    assessments: int
    shadow_assessments: int


def versions_seen(session: Session) -> list[VersionSeen]:
    """All versions, the newest first. Reads every assessment's row: for commands, not for pages."""
    rows = session.execute(
        select(
            ModelVersion.ref,
            ModelVersion.revision,
            ModelVersion.created_at,
            _count_of(Assessment),
            _count_of(ShadowAssessment),
        ).order_by(ModelVersion.created_at.desc(), ModelVersion.ref)
    )
    return [VersionSeen(*row) for row in rows]


class Stored(NamedTuple):
    """An assessment with the version that made it, and what that was shown."""

    assessment: Assessment
    version: ModelVersion
    shown: ClaimedCase


def stored_assessment(session: Session, case_id: UUID) -> Stored | None:
    """The newest assessment of a case with the photographs of its round; None where there is none."""
    found = session.execute(
        select(Assessment, ModelVersion, Case)
        .join(ModelVersion, ModelVersion.id == Assessment.model_version_id)
        .join(Case, Case.id == Assessment.case_id)
        .where(Assessment.case_id == case_id)
        .order_by(Assessment.round.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    assessment, version, case = found
    images = session.execute(
        select(Image.sha256, Image.orientation)
        .where(Image.case_id == case_id, Image.round == assessment.round)
        .order_by(Image.position)
    )
    photographs = tuple(StoredImage(*row) for row in images)
    return Stored(assessment, version, ClaimedCase(case.id, case.platform_id, case.clinical, photographs))


def _count_of(readings: type[Assessment] | type[ShadowAssessment]) -> ScalarSelect[int]:
    of_version = readings.model_version_id == ModelVersion.id
    return select(func.count()).where(of_version).correlate(ModelVersion).scalar_subquery()

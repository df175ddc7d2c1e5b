"""The model on trial beside the model in force: what both made of the same photographs of a case."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, func, select
from sqlalchemy.orm import Session

from db.ids import now
from db.model_control import wanted
from db.models import Assessment, Case, ModelVersion, ShadowAssessment

ROWS_AT_ONCE = 500


class Beside(NamedTuple):
    """One case and round. `error` instead of the shadow's reading where it gave none.

    `decided`: the level that clinicians gave it, once final and if no newer photographs came; else None.
    """

    active_version_id: UUID
    assessed_at: datetime
    findings: list[dict[str, Any]]
    level: str
    flags: list[str]
    shadow_findings: list[dict[str, Any]]
    shadow_level: str | None
    shadow_flags: list[str]
    error: str | None
    decided: str | None


def version_on_trial(session: Session) -> ModelVersion | None:
    """The version on trial; while none is, the one that read last. None where that has read no case."""
    choice = wanted(session).shadow
    last = (
        select(func.max(ShadowAssessment.created_at))
        .where(ShadowAssessment.model_version_id == ModelVersion.id)
        .scalar_subquery()
    )
    has_read = exists().where(ShadowAssessment.model_version_id == ModelVersion.id)
    query = select(ModelVersion).where(has_read).order_by(last.desc()).limit(1)
    if choice.ref is not None:
        query = query.where(ModelVersion.ref == choice.ref)
    if choice.revision is not None:
        query = query.where(ModelVersion.revision == choice.revision)
    return session.scalars(query).first()


def read_by_both(
    session: Session, shadow_version_id: UUID, since: datetime | None = None
) -> Iterator[Beside]:
    """Each case that this version was to read, beside the assessment in force; in no order.

    `since`: only those assessed from then on. Rows come as they are asked for, so that any number fits into
    memory.
    """
    query = _beside(shadow_version_id)
    if since is not None:
        query = query.where(Assessment.created_at >= since)
    for row in session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
        yield Beside(*row)


def _beside(shadow_version_id: UUID) -> Select[Any]:
    final = and_(Case.status == "completed", Case.final_at <= now(), Case.round == Assessment.round)
    return (
        select(
            Assessment.model_version_id,
            Assessment.created_at,
            Assessment.findings,
            Assessment.level,
            Assessment.flags,
            ShadowAssessment.findings,
            ShadowAssessment.level,
            ShadowAssessment.flags,
            ShadowAssessment.error,
            case((final, Case.level)),
        )
        .join(
            Assessment,
            (Assessment.case_id == ShadowAssessment.case_id) & (Assessment.round == ShadowAssessment.round),
        )
        .join(Case, Case.id == Assessment.case_id)
        .where(ShadowAssessment.model_version_id == shadow_version_id)
    )


def versions(session: Session) -> dict[UUID, ModelVersion]:
    """All model versions that were ever loaded, by their ids."""
    return {version.id: version for version in session.scalars(select(ModelVersion))}

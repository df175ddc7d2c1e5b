"""The model on trial: which assessed cases it gets, and what it makes of them.

Nothing here writes to a case. A row of its own, unique for case, round and model, is claim and result in one:
it is written before the model sees the case and says `interrupted` until the result is there. So no two
workers read a case twice, and a case that brings the process down is not tried for ever.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import new_id, now
from db.model_workers import ALIVE
from db.models import Assessment, Case, ModelWorker, ShadowAssessment
from db.queue import Claim, claimed

INTERRUPTED = "interrupted"


class Trial(NamedTuple):
    """A model version on trial, since when cases count, and the worker that asks."""

    model_version_id: UUID
    since: datetime
    owner: str


class ShadowClaim(NamedTuple):
    """Cases for the model on trial, and the assessment the next search may begin at."""

    claim: Claim
    begin_at: UUID


def claim_for_trial(
    session: Session, trial: Trial, size: int, begin_at: UUID | None = None
) -> ShadowClaim | None:
    """Up to `size` cases assessed since the trial began, the first assessed first; None without any.

    Only of the newest photographs; a cancelled case is left alone. Others may be quicker: then fewer come, or
    a claim without cases.
    """
    found = session.execute(_not_tried(trial, size, begin_at or first_id_of(trial.since))).all()
    if not found:
        return None
    rows = [
        {
            "id": new_id(),
            "case_id": row.case_id,
            "round": row.round,
            "model_version_id": trial.model_version_id,
            "findings": [],
            "explanation": "",
            "level": None,
            "flags": [],
            "provenance": {"owner": trial.owner},
            "error": INTERRUPTED,
            "created_at": now(),
        }
        for row in found
    ]
    mine = session.scalars(
        insert(ShadowAssessment).values(rows).on_conflict_do_nothing().returning(ShadowAssessment.case_id)
    ).all()
    return ShadowClaim(claimed(session, new_id(), mine), found[0].id)


def _not_tried(trial: Trial, size: int, begin_at: UUID) -> Any:
    """Assessments' ids are ordered by time, so the search goes by the primary key."""
    tried = exists().where(
        ShadowAssessment.case_id == Assessment.case_id,
        ShadowAssessment.round == Assessment.round,
        ShadowAssessment.model_version_id == trial.model_version_id,
    )
    return (
        select(Assessment.id, Assessment.case_id, Assessment.round)
        .join(Case, (Case.id == Assessment.case_id) & (Case.round == Assessment.round))
        .where(Assessment.id >= begin_at, Case.status != "cancelled", ~tried)
        .order_by(Assessment.id)
        .limit(size)
        # Held until the rows are written: an erasure waits that long, and a locked case is left for later.
        .with_for_update(of=Case, key_share=True, read=True, skip_locked=True)
    )


def first_id_of(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def write_results(session: Session, trial: Trial, rows: Mapping[UUID, dict[str, Any]]) -> None:
    """Fill the rows of claimed cases; nothing where a case was erased meanwhile."""
    for case_id, values in rows.items():
        session.execute(update(ShadowAssessment).where(*_held(trial, [case_id])).values(values))


def give_back(session: Session, trial: Trial, case_ids: Collection[UUID]) -> None:
    """Forget a claim: these cases were not shown to the model."""
    session.execute(delete(ShadowAssessment).where(*_held(trial, case_ids)))


def _held(trial: Trial, case_ids: Collection[UUID]) -> tuple[Any, ...]:
    return (
        ShadowAssessment.case_id.in_(case_ids),
        ShadowAssessment.model_version_id == trial.model_version_id,
        ShadowAssessment.error == INTERRUPTED,
        ShadowAssessment.provenance["owner"].astext == trial.owner,
    )


def processes_that_ended_over(session: Session, trial: Trial) -> int:
    """How many worker processes ended while the model of this trial read."""
    owner = ShadowAssessment.provenance["owner"].astext
    alive = exists().where(ModelWorker.owner == owner, ModelWorker.seen_at > func.now() - ALIVE)
    found = select(func.count(owner.distinct())).where(
        ShadowAssessment.model_version_id == trial.model_version_id,
        ShadowAssessment.created_at >= trial.since,
        ShadowAssessment.error == INTERRUPTED,
        ~alive,
    )
    return session.scalar(found) or 0

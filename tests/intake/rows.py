"""Rows that other rooms write, as intake meets them: an assessment, a decision."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Assessment, Case, Clinician, ModelVersion, Review
from db.moves import move_one
from tests.factories import make_clinician


def the_case(session: Session) -> Case:
    """The only case, as the database has it now."""
    return session.scalars(select(Case).execution_options(populate_existing=True)).one()


def set_case(session: Session, **values: Any) -> None:
    """Change the only case without a move."""
    session.execute(update(Case).values(**values))
    session.commit()


def assess(session: Session, case: Case, level: str = "urgent") -> Assessment:
    """An assessment of the case's round, and the case waiting for review at its level."""
    version = ModelVersion(ref="test", revision="1", provenance={})
    session.add(version)
    session.flush()
    findings = [{"condition": "mpox", "probability": 0.8}, {"condition": "nev", "probability": 0.2}]
    reasons = [{"rule": "model.suspected_mpox", "text": "The model suspects mpox."}]
    row = Assessment(
        case_id=case.id, round=case.round, model_version_id=version.id, findings=findings, classifier=[],
        explanation="Looks like mpox.", image_quality=[], level=level, flags=["low_confidence"],
        reasons=reasons, provenance={"model": "test"},
    )  # fmt: skip
    session.add(row)
    values = {Case.level: level, Case.reasons: reasons, Case.assess_state: "done"}
    move_one(session, case.id, status="awaiting_review", action="case.assessed", actor="test", values=values)
    session.commit()
    return row


def decide(
    session: Session,
    case: Case,
    *,
    verdict: str = "override",
    status: str = "completed",
    level: str = "self_care",
    final_at: datetime | None = None,
) -> Clinician:
    """A clinician's decision, final now unless told otherwise."""
    clinician = make_clinician(session)
    at = now() - timedelta(seconds=1)
    final = final_at or at
    session.add(
        Review(
            case_id=case.id, clinician_id=clinician.id, claimed_at=at, decided_at=at, final_at=final,
            verdict=verdict, level=level, diagnosis="nev", reason="A naevus.",
        )
    )  # fmt: skip
    values: dict[Any, Any] = {Case.level: level}
    if status == "completed":
        values |= {Case.completed_at: at, Case.final_at: final}
    move_one(session, case.id, status=status, action="review.decided", actor="test", values=values)
    session.commit()
    return clinician

"""What became of the cases, by what stands in the database and nowhere else."""

from dataclasses import dataclass

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import now
from db.models import Assessment, Case, Event, SurveillanceCount
from db.review_queue import claimable
from tests.chaos.world import POISON
from triage import RANK


@dataclass(frozen=True)
class Verdict:
    """Counts of cases; `duplicated` counts rows too many, `faults` those done from outside."""

    accepted: int
    assessed: int
    failed_visible: int
    lost: int
    duplicated: int
    faults: int
    inserted: int
    audit_faults: int

    @property
    def passed(self) -> bool:
        """True when nothing was lost or doubled and every poisoned case, and no other, failed in sight."""
        broken = self.lost or self.duplicated or self.audit_faults
        return not broken and self.failed_visible == self.inserted


def judge(session: Session, faults: int) -> Verdict:
    """Look at every case once the queue is at rest."""

    def count(*conditions: object) -> int:
        return session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0  # type: ignore[arg-type]

    poisoned = Case.clinical["free_text"].astext.in_(POISON)
    has_assessment = Case.id.in_(select(Assessment.case_id))
    told = Case.id.in_(select(Event.case_id).where(Event.type == "case.assessed"))
    visible = (Case.status == "failed", Case.rank <= RANK["priority"], claimable(now()))
    accepted = count()
    # Of small drawn pictures the bundled model may ask for new ones: that is a result too.
    read = Case.status.in_(("awaiting_review", "needs_retake"))
    assessed = count(~poisoned, read, has_assessment, told)
    failed_visible = count(poisoned, *visible, ~has_assessment)
    return Verdict(
        accepted=accepted,
        assessed=assessed,
        failed_visible=failed_visible,
        lost=accepted - assessed - failed_visible,
        duplicated=_too_many(session, assessed),
        faults=faults,
        inserted=count(poisoned),
        audit_faults=len(verify_chains(session)),
    )


def _too_many(session: Session, assessed: int) -> int:
    """Assessments, events and counts beyond one a case."""
    assessments = session.scalar(select(func.count()).select_from(Assessment)) or 0
    counted = session.scalar(select(func.sum(SurveillanceCount.count))) or 0
    beyond = [
        assessments - _number(session, select(func.count(distinct(Assessment.case_id)))),
        _doubled_events(session, "case.assessed"),
        _doubled_events(session, "case.failed"),
        max(0, counted - assessed),
    ]
    return sum(beyond)


def _doubled_events(session: Session, event_type: str) -> int:
    found = (Event.type == event_type,)
    every = _number(session, select(func.count()).select_from(Event).where(*found))
    return every - _number(session, select(func.count(distinct(Event.case_id))).where(*found))


def _number(session: Session, query: Select[tuple[int]]) -> int:
    return session.scalar(query) or 0

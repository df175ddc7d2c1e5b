"""Writes the results of a batch: one transaction, and only for cases that the claim still holds.

A worker that froze past its lease finds that its token holds nothing any more, and writes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from db.counts import CountChange, change_counts
from db.events import EventType, record_event
from db.models import Assessment
from db.queue import held_under
from db.queue_changes import LockedCase, lock_cases, write_cases
from db.saliency import keep_saliency
from db.session import SessionFactory
from triage import Policy, decide
from triage.signals import prediction_set_of, signals_of
from worker import outcome
from worker.batches import Decided, Read, Result

log = structlog.get_logger()


@dataclass(frozen=True)
class Committed:
    """How many cases of a batch were assessed, will be tried again, or are left to clinicians."""

    assessed: int
    retried: int
    failed: int


@dataclass(frozen=True)
class Committer:
    """Writes for one worker and one loaded model."""

    sessions: SessionFactory
    policy: Policy
    owner: str
    model_version_id: UUID
    max_attempts: int

    def commit(self, result: Result) -> Committed:
        """Write what came of a batch. Cases that were lost to others, erased or cancelled are left alone."""
        decided = {read.case_id: self._decided(read) for read in result.read}
        with self.sessions.begin() as session:
            held = lock_cases(session, held_under(result.token))
            assessed = self._write_assessed(session, [case for case in held if case.id in decided], decided)
            raised = [case for case in held if case.id in result.raised]
            failed = write_failures(session, raised, self._failed_alone, actor=f"worker:{self.owner}")
        return Committed(assessed=assessed, retried=len(raised) - failed, failed=failed)

    def give_back(self, token: UUID) -> None:
        """Return what a claim holds to the queue, as if it had never been claimed."""
        with self.sessions.begin() as session:
            held = lock_cases(session, held_under(token))
            waiting = [outcome.given_back(case) for case in held]
            write_cases(session, waiting, action="case.given_back", actor=f"worker:{self.owner}")

    def lose(self, token: UUID) -> None:
        """Return what a claim holds in smaller company, or count an attempt, as if this worker had ended."""
        with self.sessions.begin() as session:
            held = lock_cases(session, held_under(token))
            write_failures(session, held, self._lost, actor=f"worker:{self.owner}")

    def _decided(self, read: Read) -> Decided:
        return Decided(read, decide(read.findings, read.clinical, self.policy))

    def _failed_alone(self, case: LockedCase) -> LockedCase:
        return outcome.failed_alone(case, self.max_attempts, self.policy)

    def _lost(self, case: LockedCase) -> LockedCase:
        return outcome.lost(case, self.max_attempts, self.policy)

    def _write_assessed(self, session: Session, cases: list[LockedCase], decided: dict[UUID, Decided]) -> int:
        after = {
            case.id: outcome.assessed(
                case, decided[case.id].read.findings, decided[case.id].decision, self.policy
            )
            for case in cases
        }
        write_cases(session, list(after.values()), action="case.assessed", actor=f"worker:{self.owner}")
        done = [case for case in cases if case.status != "cancelled"]
        for case in done:
            assessment = self._assessment(case, decided[case.id])
            session.add(assessment)
            keep_saliency(session, assessment, decided[case.id].read.findings.saliency)
            _record_events(session, case, after[case.id])
        change_counts(
            session,
            (
                CountChange(case.accepted_at, case.region, case.counted, after[case.id].counted)
                for case in done
            ),
        )
        return len(done)

    def _assessment(self, case: LockedCase, decided: Decided) -> Assessment:
        findings, decision = decided.read.findings, decided.decision
        return Assessment(
            case_id=case.id,
            round=case.round,
            model_version_id=self.model_version_id,
            findings=[finding.model_dump() for finding in findings.findings],
            classifier=[finding.model_dump() for finding in findings.classifier],
            explanation=findings.explanation,
            image_quality=[quality.model_dump(mode="json") for quality in findings.image_quality],
            level=decision.level,
            flags=list(decision.flags),
            reasons=[reason.model_dump() for reason in decision.reasons],
            signals=signals_of(findings) | prediction_set_of(findings),
            provenance=findings.provenance
            | {"policy_version": decision.policy_version, "batch_size": decided.read.batch_size},
            late=outcome.is_late(case),
        )


def _record_events(session: Session, before: LockedCase, after: LockedCase) -> None:
    types: list[EventType] = ["case.assessed"]
    if after.status == "needs_retake" != before.status:
        types.append("case.needs_retake")
    if after.level == "emergency" != before.level:
        types.append("case.emergency")
    for event_type in types:
        record_event(session, event_type, platform_id=after.platform_id, case_id=after.id, level=after.level)


def write_failures(
    session: Session,
    cases: list[LockedCase],
    becomes: Callable[[LockedCase], LockedCase],
    *,
    actor: str,
) -> int:
    """Write cases that raised or were lost; how many of them are now left to clinicians.

    The cases are locked by this transaction; `becomes` says what each is now.
    """
    after = [becomes(case) for case in cases]
    failed = [case for case in after if case.assess_state == "failed"]
    write_cases(session, failed, action="case.failed", actor=actor)
    write_cases(session, [case for case in after if case not in failed], action="case.returned", actor=actor)
    for case in failed:
        record_event(session, "case.failed", platform_id=case.platform_id, case_id=case.id, level=case.level)
        log.warning("case_failed", case_id=str(case.id), attempts=case.attempts, level=case.level)
    return len(failed)

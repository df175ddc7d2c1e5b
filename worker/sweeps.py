"""The sweeps: what brings back work whose owner has gone, and other things that only time makes due.

Plain functions that return how many rows they found. They run by the scheduler and by a timer in each worker.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from db.further_readings import return_expired
from db.ids import now
from db.overdue import escalate
from db.queue import lease_has_ended
from db.queue_changes import LockedCase, lock_cases
from db.queue_sweeps import anchor_chains_when_due
from db.review_queue import return_expired_claims
from db.session import SessionFactory
from triage import Policy
from worker import metrics, outcome
from worker.commit import write_failures
from worker.periodic import Periodic

log = structlog.get_logger()

ACTOR = "sweep"
ANCHOR_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Sweeps:
    """The worker's sweeps. `wake_up` is called when cases came back to the queue.

    `escalation_share`: the part of a level's target after which seniors hear of a late case.
    """

    sessions: SessionFactory
    policy: Policy
    max_attempts: int
    wake_up: Callable[[], None]
    escalation_share: float = 0.5

    def return_ended_leases(self) -> int:
        """Cases of dead or frozen workers go back, in smaller batches, or fail after the last attempt."""
        with self.sessions.begin() as session:
            lost = lock_cases(session, lease_has_ended(), skip_locked=True)
            write_failures(session, lost, self._lost, actor=ACTOR)
        if lost:
            log.warning("leases_ended", cases=len(lost))
            self.wake_up()
        return len(lost)

    def _lost(self, case: LockedCase) -> LockedCase:
        return outcome.lost(case, self.max_attempts, self.policy)

    def return_ended_reviews(self) -> int:
        """Cases that a clinician held too long can be claimed by others."""
        with self.sessions.begin() as session:
            return return_expired(session, now(), ACTOR) + len(return_expired_claims(session, now(), ACTOR))

    def record_overdue(self) -> int:
        """Tell of each case whose time has passed whom it concerns by now, once each."""
        with self.sessions.begin() as session:
            return escalate(session, now(), self.escalation_share)

    def anchor_audit(self) -> int:
        """Lay an anchor over the audit chains, once an hour whoever asks."""
        with self.sessions.begin() as session:
            return anchor_chains_when_due(session, ANCHOR_EVERY)

    def periodics(self, every: float) -> list[Periodic]:
        """When each sweep runs; `every` is for those on which waiting people depend."""
        return [
            Periodic("dermtriage.return_ended_leases", every, counted("leases", self.return_ended_leases)),
            Periodic("dermtriage.return_ended_reviews", every, counted("reviews", self.return_ended_reviews)),
            Periodic("dermtriage.record_overdue", every * 6, counted("overdue", self.record_overdue)),
            Periodic("dermtriage.anchor_audit", 300, counted("anchors", self.anchor_audit)),
        ]


def counted(name: str, sweep: Callable[[], int]) -> Callable[[], None]:
    """The sweep, its finds counted in the metrics."""

    def run() -> None:
        metrics.sweeps.labels(name).inc(sweep())

    return run

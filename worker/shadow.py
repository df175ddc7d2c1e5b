"""The model on trial: it reads small batches of assessed cases while no case waits, and changes none."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from db import shadow
from db.model_control import Choice, Wanted, is_paused
from triage import decide
from vlm import Model
from worker import compute
from worker.batches import Read, Result
from worker.faults import NoRoom, TooDangerous, check_weights, in_words
from worker.loading import Loader
from worker.making import Surroundings, load_checked, patiently, registered
from worker.memory import both_fit, give_back_memory
from worker.nameplate import Nameplate

log = structlog.get_logger()

# Cases at once: a case that comes in meanwhile waits for no more than these.
BATCH = 4
TRY_AGAIN_SECONDS = 60.0
# From time to time the search begins anew, for what others have left.
SEARCH_ANEW_SECONDS = 600.0
# After so many processes that ended over a model on trial, no further one is risked.
MOST_ENDED = 3


@dataclass
class OnTrial:
    """A loaded model on trial, and where the search for cases goes on."""

    model: Model
    trial: shadow.Trial
    begin_at: UUID | None = None
    begun_at: float = 0.0


class Shadow:
    """Reads for the trial in one process. Whatever happens to its model, the active one goes on.

    `halted`: while one of these is set, nothing is begun.
    """

    def __init__(self, around: Surroundings, plate: Nameplate, halted: Sequence[threading.Event]) -> None:
        self.around = around
        self.sessions = around.sessions
        self.plate = plate
        self.loader = Loader(around.store, around.settings.worker_longest_side)
        self._halted = halted
        self._on_trial: OnTrial | None = None
        self._answered = Choice(None, None, None)
        self._fault: str | None = None
        self._try_again_at = 0.0

    def follow(self, wish: Wanted) -> None:
        """Load the model that is to be tried, or put it away."""
        choice = wish.shadow
        due_again = self._fault is not None and time.monotonic() >= self._try_again_at
        if choice.since == self._answered.since and not due_again:
            return
        self.put_away()
        try:
            self._on_trial = self._load(choice)
        except Exception as error:  # noqa: BLE001 - a model may raise whatever its libraries raise
            self._fail(error)
        else:
            self._fault = None
            self.plate.show_shadow(self._on_trial.model.revision if self._on_trial else None, None)
        self._answered = choice

    def put_away(self) -> None:
        """Give the model's memory back; `follow` loads it again where one is still to be tried."""
        self._on_trial = None
        self._answered = Choice(None, None, None)
        give_back_memory()

    def _load(self, choice: Choice) -> OnTrial | None:
        if choice.ref is None or choice.since is None:
            return None
        device = self.around.settings.worker_device
        if not both_fit(choice.ref, device):
            raise NoRoom("no room beside the active model; `dermtriage worker --queues shadow` needs none")
        model = load_checked(choice.ref, device)
        check_weights(choice, model)
        version = registered(self.sessions, choice.ref, model)
        trial = shadow.Trial(version, choice.since, self.plate.owner)
        ended = patiently(self.sessions, lambda session: shadow.processes_that_ended_over(session, trial))
        if ended >= MOST_ENDED:
            raise TooDangerous(f"{ended} workers ended while it read: see why, then put it on trial again")
        return OnTrial(model, trial)

    def _fail(self, error: Exception) -> None:
        self._on_trial = None
        self._fault = in_words(error)
        self._try_again_at = time.monotonic() + TRY_AGAIN_SECONDS
        log.error("shadow_fault", error=type(error).__name__)
        self.plate.show_shadow(None, self._fault)

    def assess_some(self) -> bool:
        """Read a small batch; True when there may be more. Raises what a database that is away raises."""
        on_trial = self._on_trial
        if on_trial is None or any(event.is_set() for event in self._halted):
            return False
        with self.sessions.begin() as session:
            if is_paused(session):
                return False
            claim = shadow.claim_for_trial(session, on_trial.trial, BATCH, self._begin_at(on_trial))
        if claim is None:
            return False
        on_trial.begin_at = claim.begin_at
        try:
            result = compute.assess(on_trial.model, self.loader.load(claim.claim))
        except Exception as error:  # noqa: BLE001 - the model on trial must not end who serves the active one
            self._give_back(on_trial.trial, [case.id for case in claim.claim.cases])
            self._fail(error)
            return False
        self._write(on_trial.trial, result)
        return True

    def _begin_at(self, on_trial: OnTrial) -> UUID | None:
        if time.monotonic() - on_trial.begun_at > SEARCH_ANEW_SECONDS:
            on_trial.begin_at, on_trial.begun_at = None, time.monotonic()
        return on_trial.begin_at

    def _give_back(self, trial: shadow.Trial, case_ids: list[UUID]) -> None:
        patiently(self.sessions, lambda session: shadow.give_back(session, trial, case_ids))

    def _write(self, trial: shadow.Trial, result: Result) -> None:
        rows = {read.case_id: self._result_of(read) for read in result.read}
        for case_id in result.raised:
            rows[case_id] = {"error": result.kinds.get(case_id, "Unreadable"), "provenance": {}}
        patiently(self.sessions, lambda session: shadow.write_results(session, trial, rows))
        log.info("shadow_committed", assessed=len(result.read), raised=len(result.raised))

    def _result_of(self, read: Read) -> dict[str, Any]:
        decision = decide(read.findings, read.clinical, self.around.policy)
        return {
            "findings": [finding.model_dump() for finding in read.findings.findings],
            "explanation": read.findings.explanation,
            "level": decision.level,
            "flags": list(decision.flags),
            "provenance": read.findings.provenance
            | {"policy_version": decision.policy_version, "batch_size": read.batch_size},
            "error": None,
        }

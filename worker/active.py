"""The model that serves cases in this process, exchanged for another one when that is wanted.

The batch in hand is finished and committed first. One process at a time exchanges its model, the others go on
with theirs. A model that cannot be loaded leaves the former one in its place.
"""

import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from db.model_control import Choice, Wanted, pin_active_revision, wanted
from db.model_workers import turn_to_load
from vlm import Model
from worker.drain import Drain
from worker.faults import check_weights, in_words
from worker.leases import Leases
from worker.making import Surroundings, load_checked, patiently, pipeline_around
from worker.memory import both_fit, give_back_memory
from worker.nameplate import Nameplate
from worker.pipeline import Pipeline

log = structlog.get_logger()

ASK_FOR_TURN_SECONDS = 0.5
TRY_AGAIN_SECONDS = 60.0


class ActiveModel:
    """The pipeline around the wanted model; None while there is none to serve cases with.

    `make_room` is called before a model takes the other's place on a device that may not hold both.
    """

    def __init__(
        self, around: Surroundings, drain: Drain, plate: Nameplate, leases: Leases,
        stopping: threading.Event, make_room: Callable[[], None],
    ) -> None:  # fmt: skip
        self.around, self.drain, self.plate, self.leases = around, drain, plate, leases
        self.stopping = stopping
        self.make_room = make_room
        self.pipeline: Pipeline | None = None
        self._loaded = Choice(None, None, None)
        self._answered: Wanted | None = None
        self._fault: str | None = None
        self._try_again_at = 0.0

    def start(self, wish: Wanted) -> None:
        """Load what is wanted.

        Raises ModelError and ModelBroken when no model was activated and this worker's own cannot be loaded.
        An activated one that cannot be loaded is a fault that is told and tried again: nobody chose to let
        another model read cases in its place.
        """
        if wish.active.ref is None:
            self.pipeline = self._load(wish.active)
        else:
            self._fault = self._try(wish.active)
        self._answer(wish)

    def follow(self, wish: Wanted) -> None:
        """Exchange the model if another one is wanted, as soon as it is this process's turn."""
        while self._is_due(wish) and not self.stopping.is_set():
            if self._has(wish.active):
                self._answer(wish)
                return
            with turn_to_load(self.around.sessions) as mine:
                if mine:
                    self._exchange(wish)
                    return
            self.stopping.wait(ASK_FOR_TURN_SECONDS)
            wish = patiently(self.around.sessions, wanted)

    def _is_due(self, wish: Wanted) -> bool:
        if self._answered is None or wish.active.since != self._answered.active.since:
            return True
        return self._fault is not None and time.monotonic() >= self._try_again_at

    def _has(self, choice: Choice) -> bool:
        """True when this very model is loaded already. Without a named revision only loading can tell."""
        return self.pipeline is not None and choice[:2] == self._loaded[:2] and choice.revision is not None

    def _exchange(self, wish: Wanted) -> None:
        with self.drain.held():
            if self.stopping.is_set():
                return
            log.info("model_exchange", model=self._ref(wish.active))
            former = self._loaded
            if self.pipeline and not both_fit(self._ref(wish.active), self.pipeline.model.device):
                self.make_room()
                self.pipeline = None
                give_back_memory()
            self._fault = self._try(wish.active)
            give_back_memory()
            if self._fault and self.pipeline is None and former.since != wish.active.since:
                self._try(former._replace(revision=None))
            self._answer(wish)

    def _try(self, choice: Choice) -> str | None:
        """Load it, or say why that failed; then all is as it was."""
        try:
            self.pipeline = self._load(choice)
        except Exception as error:  # noqa: BLE001 - a model may raise whatever its libraries raise
            fault = in_words(error)
            log.error("model_fault", model=self._ref(choice), error=type(error).__name__)
            self._try_again_at = time.monotonic() + TRY_AGAIN_SECONDS
            return fault
        return None

    def _load(self, choice: Choice) -> Pipeline:
        ref = self._ref(choice)
        model = load_checked(ref, self.around.settings.worker_device)
        check_weights(choice, model)
        if choice.ref and not choice.revision:
            check_weights(self._pinned(choice, model), model)
        pipeline = pipeline_around(
            model, ref, self.around, owner=self.plate.owner, leases=self.leases, stopping=self.stopping,
            yielding=self.drain.yielding,
        )  # fmt: skip
        self._loaded = choice._replace(revision=model.revision)
        return pipeline

    def _pinned(self, choice: Choice, model: Model) -> Choice:
        """The choice with the weights that the first worker found, this one or another."""

        def pin(session: Session) -> Choice:
            pin_active_revision(session, choice.since, model.revision)
            now_wanted = wanted(session).active
            return now_wanted if now_wanted.since == choice.since else choice

        return patiently(self.around.sessions, pin)

    def _ref(self, choice: Choice) -> str:
        return choice.ref or self.around.settings.worker_model_ref

    def _answer(self, wish: Wanted) -> None:
        self._answered = wish
        model = self.pipeline.model if self.pipeline else None
        self.plate.show_active(
            ref=self._ref(self._loaded if model else wish.active),
            revision=model.revision if model else "",
            device=model.device if model else "",
            fault=self._fault,
            at=wish.at,
        )

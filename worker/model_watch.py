"""The models of one process: what it loads, when it looks whether others are wanted, and when each reads."""

import threading
from collections.abc import Callable, Collection

from db.model_control import Wanted, wanted
from worker.active import ActiveModel
from worker.drain import Drain
from worker.making import Surroundings, make_leases, new_owner, patiently
from worker.nameplate import SPEAK_SECONDS, Nameplate
from worker.names import ASSESS_QUEUE, SHADOW_QUEUE
from worker.periodic import Periodic
from worker.self_test import ModelBroken
from worker.shadow import Shadow


class ModelWatch:
    """Serves cases with the active model where `queues` has `assess`, and tries one where it has `shadow`.

    `on_broken` is told when the active model breaks while it serves. Raises what `ActiveModel.start` raises.
    """

    def __init__(
        self, around: Surroundings, queues: Collection[str], stopping: threading.Event,
        on_broken: Callable[[ModelBroken], None],
    ) -> None:  # fmt: skip
        self.around = around
        self.on_broken = on_broken
        self.drain = Drain(self.assess, stopping)
        self.leases = make_leases(around)
        self.plate = Nameplate(around.sessions, new_owner())
        self.active: ActiveModel | None = None
        self.shadow: Shadow | None = None
        self._following = threading.Lock()
        if SHADOW_QUEUE in queues:
            self.shadow = Shadow(around, self.plate, (stopping, self.drain.yielding))
        if ASSESS_QUEUE in queues:
            self.active = ActiveModel(
                around, self.drain, self.plate, self.leases, stopping, make_room=self._make_room
            )
            self.active.start(patiently(around.sessions, wanted))

    def assess(self) -> None:
        """Read what waits; then, a few at a time, what is to be tried, and what came in meanwhile.

        Raises what claims and loads raise when the database or the image store cannot be reached.
        """
        try:
            self._serve()
            while self.shadow and self.shadow.assess_some():
                self._serve()
        except ModelBroken as error:
            self.on_broken(error)

    def _serve(self) -> None:
        if self.active and self.active.pipeline:
            self.active.pipeline.run()

    def follow(self) -> None:
        """Load what is wanted now. Returns at once while another thread does."""
        if not self._following.acquire(blocking=False):
            return
        try:
            if self.active:
                self.active.follow(self._wish())
            if self.shadow:
                self.shadow.follow(self._wish())
        finally:
            self._following.release()

    def _wish(self) -> Wanted:
        with self.around.sessions.begin() as session:
            return wanted(session)

    def _make_room(self) -> None:
        if self.shadow:
            self.shadow.put_away()

    def periodics(self, every: float) -> list[Periodic]:
        """When this process looks for another model and says what it has."""
        return [
            Periodic("follow_models", every, self.follow),
            Periodic("nameplate", SPEAK_SECONDS, self.plate.speak),
        ]

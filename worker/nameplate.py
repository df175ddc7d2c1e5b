"""What this process says in the database of the models that it has loaded."""

import threading
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from db.ids import now
from db.model_workers import Loaded, leave, say
from db.session import SessionFactory
from worker import metrics

log = structlog.get_logger()

# A worker counts as gone when it was silent for four times as long (`db.model_workers.ALIVE`).
SPEAK_SECONDS = 5.0


class Nameplate:
    """The word of one process; spoken anew every `SPEAK_SECONDS`, which also shows that it lives."""

    def __init__(self, sessions: SessionFactory, owner: str) -> None:
        self.sessions = sessions
        self.owner = owner
        self._said = Loaded(owner, "", "", "", None, None, now())
        self._faults: dict[str, str] = {}
        self._lock = threading.Lock()

    def show_active(self, ref: str, revision: str, device: str, fault: str | None, at: datetime) -> None:
        """Say which model serves cases; without `revision` none does. `at`: see `Loaded.loaded_at`."""
        metrics.show_model("active", revision, bool(fault))
        self._show("active", fault, ref=ref, revision=revision, device=device, loaded_at=at)

    def show_shadow(self, revision: str | None, fault: str | None) -> None:
        """Say which model on trial is loaded; None: none is."""
        metrics.show_model("shadow", revision or "", bool(fault))
        self._show("shadow", fault, shadow_revision=revision)

    def _show(self, which: str, fault: str | None, **words: Any) -> None:
        with self._lock:
            self._faults.pop(which, None)
            if fault:
                self._faults[which] = f"{which} model: {fault}"
            text = "; ".join(self._faults[which] for which in sorted(self._faults)) or None
            self._said = self._said._replace(fault=text, **words)
        try:
            self.speak()
        except SQLAlchemyError as error:
            log.warning("nameplate_late", error=type(error).__name__)

    def speak(self) -> None:
        """Write it down. Raises what the database raises; the next time says the same and more."""
        with self._lock, self.sessions.begin() as session:
            say(session, self._said)

    def take_down(self) -> None:
        """This process ends: nobody is to wait for it."""
        try:
            with self._lock, self.sessions.begin() as session:
                leave(session, self.owner)
        except SQLAlchemyError as error:
            log.warning("nameplate_left", error=type(error).__name__)

"""The heart-beat: a thread that holds on to what this process has claimed, and to nothing else."""

import threading
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from db.queue import extend
from db.session import SessionFactory

log = structlog.get_logger()


class Leases:
    """The tokens of this process, extended every third of a lease while `beating`."""

    def __init__(self, sessions: SessionFactory, length: timedelta) -> None:
        self.sessions = sessions
        self.length = length
        self._tokens: set[UUID] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def hold(self, token: UUID) -> None:
        """Extend this claim from now on."""
        with self._lock:
            self._tokens.add(token)

    def let_go(self, token: UUID) -> None:
        """Extend this claim no longer."""
        with self._lock:
            self._tokens.discard(token)

    def held(self) -> list[UUID]:
        """The tokens of what is in hand."""
        with self._lock:
            return list(self._tokens)

    def beat(self) -> None:
        """Extend all claims once. While the database is away leases may end: the guarded commit copes."""
        tokens = self.held()
        if not tokens:
            return
        try:
            with self.sessions.begin() as session:
                extend(session, tokens, self.length)
        except SQLAlchemyError as error:
            log.warning("heart_beat_missed", error=type(error).__name__)

    def start(self) -> None:
        """Beat in a thread until `stop`."""
        threading.Thread(target=self._run, name="heart-beat", daemon=True).start()

    def stop(self) -> None:
        """End the thread; what is still held runs out."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(self.length.total_seconds() / 3):
            self.beat()

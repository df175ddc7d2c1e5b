"""Servers, workers and cases of one run: all that a fault can reach."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from db.image_store import ImageStore
from db.migrate import upgrade
from db.models import Assessment, AuditEntry, Case
from db.session import make_engine, make_sessions
from dermtriage.bench.cases import add_case, make_platform, store_photographs
from dermtriage.local.postgres import LocalPostgres, temporary_postgres
from dermtriage.local.redis import LocalRedis, temporary_redis
from tests.chaos.workers import Workers
from tests.worker.conftest import drawn_jpeg
from triage import LEVELS
from worker.broker import WakeUp

Answer = TypeVar("Answer")

LEASE_SECONDS = 3.0
SWEEP_SECONDS = 0.5
PATIENCE_SECONDS = 240.0

# Free texts that make a case fail, and how: the simulated model is told the first two.
RAISES, KILLS, BROKEN = "RAISES", "KILLS", "BROKEN"
POISON = (RAISES, KILLS, BROKEN)


class NotInTime(Exception):
    """Something that must happen by itself did not."""


class World:
    """One PostgreSQL, one Redis, two workers."""

    def __init__(
        self, postgres: LocalPostgres, redis: LocalRedis, folder: Path, model: str, seed: int, batch_size: int
    ) -> None:
        self.postgres, self.redis = postgres, redis
        self.chance = random.Random(seed)
        # Wanted in turn: another one, and the workers' own.
        self.models = cycle([f"{model},load_ms=700" if model.startswith("simulated:") else model, None])
        upgrade(postgres.url)
        self.engine = make_engine(postgres.url)
        self.sessions = make_sessions(self.engine)
        self.wake_up = WakeUp(redis.url)
        store = ImageStore((folder / "images").as_uri())
        with self.sessions.begin() as session:
            self.platform = make_platform(session, "chaos")
        self.photographs = store_photographs(store, self.platform, [drawn_jpeg(n) for n in range(10)])
        (self.broken,) = store_photographs(store, self.platform, [b"\xff\xd8\xff no photograph"])
        self.workers = Workers(2, self._environment(folder, model, batch_size), folder)

    def _environment(self, folder: Path, model: str, batch_size: int) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url,
            "BROKER_URL": self.redis.url,
            "IMAGE_STORE_URL": (folder / "images").as_uri(),
            "SECRET_KEY": "only for this run " * 3,
            "WORKER_MODEL_REF": model,
            "WORKER_BATCH_SIZE": str(batch_size),
            "WORKER_OVERLAP": "on",
            "WORKER_LEASE_SECONDS": str(LEASE_SECONDS),
            "WORKER_SWEEP_SECONDS": str(SWEEP_SECONDS),
            "OMP_NUM_THREADS": "1",
        }

    def submit(self, free_texts: list[str]) -> None:
        """Accept cases, a text each, and wake the workers; every message three times."""
        for text in free_texts:
            self.ask(lambda session, text=text: self._accept(session, text))
        for _ in range(3):
            self.wake_up()

    def _accept(self, session: Session, text: str) -> None:
        photograph = self.broken if text == BROKEN else self.chance.choice(self.photographs)
        level = self.chance.choice(LEVELS[1:4])
        add_case(session, self.platform, photograph, level=level, free_text=text)

    def ask(self, question: Callable[[Session], Answer]) -> Answer:
        """The database's answer in one transaction; asked again while it is away."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self.sessions.begin() as session:
                    return question(session)
            except (OperationalError, InterfaceError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def count(self, *conditions: ColumnElement[bool]) -> int:
        """How many cases meet the conditions."""
        found = select(func.count()).select_from(Case).where(*conditions)
        return self.ask(lambda session: session.scalar(found) or 0)

    def claims(self) -> int:
        """How many cases have been claimed so far, each time counted."""
        found = select(func.count()).where(AuditEntry.action == "case.claimed")
        return self.ask(lambda session: session.scalar(found) or 0)

    def models_that_read(self) -> int:
        """How many model versions have assessed cases."""
        found = select(func.count(Assessment.model_version_id.distinct()))
        return self.ask(lambda session: session.scalar(found) or 0)

    def busy_worker(self) -> int:
        """The process id of a living worker that holds cases now; waits for one."""

        def found() -> int | None:
            owners = select(Case.lease_owner).where(Case.assess_state == "leased").distinct()
            holding = self.ask(lambda session: [owner or "" for owner in session.scalars(owners)])
            return next(
                (pid for pid in self.workers.pids() for owner in holding if f"-{pid}-" in owner), None
            )

        return self.until(found, "a worker holds cases")

    def until(self, happened: Callable[[], Answer | None], what: str) -> Answer:
        """Wait for something true. Raises NotInTime."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if answer := happened():
                return answer
            time.sleep(0.02)
        raise NotInTime(what)


@contextmanager
def new_world(model: str, seed: int, batch_size: int) -> Iterator[World]:
    """A world that leaves nothing behind."""
    with temporary_postgres() as postgres, temporary_redis() as redis, TemporaryDirectory() as folder:
        world = World(postgres, redis, Path(folder), model, seed, batch_size)
        try:
            yield world
        finally:
            world.workers.stop()
            world.engine.dispose()

"""Real `dermtriage worker` processes for tests, and waiting for what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Case

StartWorker = Callable[..., subprocess.Popen[bytes]]


@contextmanager
def workers(database_url: str, redis_url: str, folder: Path) -> Iterator[StartWorker]:
    """Starts real workers, and ends those that are left. They write to `worker.log` in the folder."""
    started: list[subprocess.Popen[bytes]] = []

    def start(model: str = "simulated", *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        settings = {
            "DATABASE_URL": database_url,
            "BROKER_URL": redis_url,
            "IMAGE_STORE_URL": (folder / "images").as_uri(),
            "SECRET_KEY": "a secret for tests only, long enough",
            "WORKER_MODEL_REF": model,
            "WORKER_LEASE_SECONDS": "2",
            "WORKER_SWEEP_SECONDS": "0.3",
        }
        with (folder / "worker.log").open("ab") as output:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dermtriage", "worker", *arguments],
                    env={**os.environ, **settings, **environment},
                    stdout=output,
                    stderr=output,
                )
            )
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.wait()
        # pytest shows it with a test that failed.
        print((folder / "worker.log").read_text(errors="replace")[-20_000:] if started else "no worker")


def wait_for(session: Session, seconds: float = 60, **counts: int) -> None:
    """Wait until so many cases have each status."""
    end = time.monotonic() + seconds
    while True:
        session.rollback()
        rows = session.execute(select(Case.status, func.count()).group_by(Case.status))
        found = {row.status: row[1] for row in rows}
        if found == counts:
            return
        assert time.monotonic() < end, f"{found} instead of {counts}"
        time.sleep(0.05)


def count(session: Session, *conditions: object) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(*conditions)) or 0  # type: ignore[arg-type]


def wait_until(happened: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)

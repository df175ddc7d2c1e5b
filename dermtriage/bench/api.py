"""The HTTP server of the product as it is run in production, for benches."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from db.migrate import upgrade
from dermtriage.local.client import Client
from dermtriage.local.postgres import LocalPostgres
from dermtriage.local.processes import LOOPBACK, free_port, wait_until
from dermtriage.local.redis import LocalRedis


@contextmanager
def servers() -> Iterator[tuple[Path, LocalPostgres, LocalRedis]]:
    """A folder that goes at the end, in it a durable, migrated PostgreSQL and a Redis."""
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="dermtriage-bench-")))
        # Root's PostgreSQL runs as another account and must reach its data below.
        folder.chmod(0o711)
        postgres = LocalPostgres(folder / "postgres", durable=True)
        running.callback(postgres.remove)
        postgres.start()
        redis = running.enter_context(LocalRedis(folder / "redis"))
        upgrade(postgres.url)
        yield folder, postgres, redis


@contextmanager
def running_api(database_url: str, broker_url: str, images: str, folder: Path) -> Iterator[int]:
    """`dermtriage api` with two gunicorn workers; its port. Raises RuntimeError when it does not start."""
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "BROKER_URL": broker_url,
        "IMAGE_STORE_URL": images,
        "SECRET_KEY": secrets.token_urlsafe(32),
        "HOST": LOOPBACK,
        "PORT": str(port),
        "WEB_WORKERS": "2",
    }
    with (folder / "api.log").open("wb") as log:
        command = [sys.executable, "-m", "dermtriage", "api"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 - ourselves
    client = Client(f"http://{LOOPBACK}:{port}")
    try:
        if not wait_until(client.is_ready, 60, pause=0.2):
            raise RuntimeError(f"the API did not start: {(folder / 'api.log').read_text()[-2000:]}")
        yield port
    finally:
        client.close()
        process.terminate()
        process.wait(30)

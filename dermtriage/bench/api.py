"""The HTTP server of the product as it is run in production, for benches."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dermtriage.local.client import Client
from dermtriage.local.processes import LOOPBACK, free_port, wait_until


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

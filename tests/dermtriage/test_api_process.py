"""`dermtriage api` as a process: its log is lines of data that quote nobody, and it ends when told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dermtriage.local.processes import free_port

CANARY = "canary-4711"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(database_url: str, tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Two processes of the API that share their metrics; their log is the standard output."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "IMAGE_STORE_URL": (tmp_path / "images").as_uri(),
        "SECRET_KEY": "a secret of the tests",
        "PORT": str(port),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
        "HOME": str(tmp_path / "home"),
        "XDG_RUNTIME_DIR": "",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dermtriage", "api"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def _wait_until_it_serves(port: int) -> None:
    for _ in range(300):
        try:
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("the API does not serve")


def test_it_serves_logs_and_ends(server: subprocess.Popen[str], port: int, tmp_path: Path) -> None:
    _wait_until_it_serves(port)
    address = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {CANARY}"}
    assert requests.get(f"{address}/v1/cases/{CANARY}?{CANARY}=1", headers=headers, timeout=5).ok is False
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"NONSENSE {CANARY}\r\n\r\n".encode())
        connection.recv(1000)
    metrics = requests.get(f"{address}/metrics", timeout=5).text
    assert "dermtriage_queue_cases" in metrics
    assert CANARY not in metrics
    assert list((tmp_path / "metrics").glob("*.db"))

    server.send_signal(signal.SIGTERM)
    log, _ = server.communicate(timeout=20)

    assert server.returncode == 0
    assert CANARY not in log
    entries = [json.loads(line) for line in log.splitlines()]
    assert {"request", "Invalid request"} <= {entry["event"] for entry in entries}
    assert not (tmp_path / "home").exists()

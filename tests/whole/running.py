"""The whole product as an operator runs it: `dermtriage` processes on real servers, their output in files."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

MODEL = "bundled"


def wait_for(what: str, found: Callable[[], Any], seconds: float = 60) -> Any:
    """What `found` returns once it is true; fails by name when that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


@dataclass
class Receiver:
    """A platform's webhook receiver: keeps every request as it came over the wire."""

    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing: the test's output is not the place."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@dataclass
class Product:
    """The running product, with one platform's key and one clinician's sign-in."""

    url: str
    key: str
    email: str
    password: str
    database_url: str
    broker_url: str
    folder: Path
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *parts: str) -> None:
        """Start `dermtriage PART` for each part, its output in PART.log."""
        for part in parts:
            with open(self.folder / f"{part}.log", "ab") as log:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "dermtriage", part],
                        env=self.environment,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                )

    def stop(self) -> None:
        """SIGTERM to each, and wait."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(40)

    def logs(self) -> str:
        """All that the processes printed."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def call(self, method: str, path: str, token: str | None = None, **how: Any) -> requests.Response:
        """One request with the platform's key, or another token."""
        headers = {"Authorization": f"Bearer {token or self.key}", **how.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, timeout=30, **how)

    def case(self, case_id: str) -> dict[str, Any]:
        """The body of GET /v1/cases/{id}."""
        body: dict[str, Any] = self.call("GET", f"/v1/cases/{case_id}").json()
        return body

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `dermtriage WORDS` as a person would."""
        environment = {**self.environment, "DERMTRIAGE_URL": self.url, "DERMTRIAGE_API_KEY": self.key}
        return subprocess.run(
            [sys.executable, "-m", "dermtriage", *words],
            env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip


def product_environment(**values: str) -> dict[str, str]:
    """The environment of the product's processes: this one's, with these settings."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {
        **kept,
        "OMP_NUM_THREADS": "1",
        "SECRET_KEY": "only-for-this-test-0123456789abcdef",
        "WORKER_MODEL_REF": MODEL,
        "WORKER_SWEEP_SECONDS": "1",
        "WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true",
        "REVIEW_UNDO_SECONDS": "1",
        **values,
    }

"""A redis-server of our own on loopback, for `make demo` and the tests. It keeps nothing."""

import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dermtriage.local.binaries import REDIS_NAMES, newest_redis
from dermtriage.local.processes import LOOPBACK, end, end_leftovers, free_port, wait_for_server


class LocalRedis:
    """One server working in `folder`. Its port and password stay the same over `stop()`, `kill()` and
    `start()`; each start is empty, for the broker is disposable.
    """

    def __init__(self, folder: Path, *, binary: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder.resolve()
        self.binary = binary or newest_redis()
        self.port = free_port()
        self._password = secrets.token_urlsafe(24)
        self._log = self.folder / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """URL for Celery and redis-py, with the password."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    @property
    def running(self) -> bool:
        """Whether the server that was started still lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, empty, and return when it answers.

        Raises ServerDidNotStart.
        """
        end_leftovers(self.folder, *REDIS_NAMES, polite=signal.SIGTERM)
        with self._log.open("ab") as log, self._configuration() as configuration:
            self._process = subprocess.Popen(
                [str(self.binary), "-"], stdin=configuration, stdout=log, stderr=log, cwd=self.folder,
                start_new_session=True,
            )  # fmt: skip
        wait_for_server(self._process, self._answers, self._log)

    def stop(self) -> None:
        """Stop it; what it held is gone."""
        if self._process:
            end(self._process, signal.SIGTERM, 2, signal.SIGKILL)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _configuration(self) -> IO[bytes]:
        """A nameless file for standard input: the password must not stand in the list of processes."""
        lines = [
            f"bind {LOOPBACK}", f"port {self.port}", f"requirepass {self._password}", f'dir "{self.folder}"',
            'save ""', "appendonly no", "daemonize no",
        ]  # fmt: skip
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        file.write("\n".join(lines).encode())
        file.seek(0)
        return file

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=2, retry=Retry(NoBackoff(), 0))
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
        finally:
            client.close()


@contextmanager
def temporary_redis(binary: Path | None = None) -> Iterator[LocalRedis]:
    """A running server for tests, its folder deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="dermtriage-redis-"))
    try:
        with LocalRedis(folder, binary=binary) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)

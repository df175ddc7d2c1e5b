"""A PostgreSQL server of our own on loopback, for `make demo` and the tests.

Starts the plain binaries (see `binaries`), as root too, and stops them without a trace. The caller makes sure
that only one `LocalPostgres` at a time works on a folder; what a killed one left behind does not stop the
next start.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from dermtriage.local.account import folder_for, unprivileged_account
from dermtriage.local.binaries import newest_postgres, reachable_for
from dermtriage.local.errors import ServerDidNotStart
from dermtriage.local.processes import (
    LOOPBACK,
    end,
    end_leftovers,
    free_port,
    wait_for_server,
    wait_until,
    working_in,
)

USER = DATABASE = "dermtriage"
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class LocalPostgres:
    """One server with its data in `folder`, or where its account cannot reach that, in `self.root`.

    `durable` keeps fsync on, as the demo does; tests turn it off. `binaries` names a `bin` folder instead of
    the newest one. The port is chosen at construction and stays, so that clients find a restarted server.
    """

    def __init__(self, folder: Path, *, durable: bool, binaries: Path | None = None) -> None:
        self._account = unprivileged_account()
        self.root = folder_for(self._account, folder)
        self.data = self.root / "data"
        chosen = binaries or newest_postgres(_major_of(self.data))
        self.binaries = reachable_for(self._account, chosen)
        self.port = free_port()
        self._durable = durable
        self._log = self.root / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the database `dermtriage`, with the password."""
        return self.url_of(DATABASE)

    @property
    def running(self) -> bool:
        """Whether the server that was started still lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        return self._process.pid if self._process else None

    def url_of(self, database: str) -> str:
        """SQLAlchemy URL of one of this server's databases."""
        return f"postgresql+psycopg://{USER}:{self._password()}@{LOOPBACK}:{self.port}/{database}"

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        """A plain connection in autocommit mode, for what SQLAlchemy is not needed for."""
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=USER,
            password=self._password(),
            dbname=database,
            autocommit=True,
            connect_timeout=3,
        )

    def start(self) -> None:
        """Make the data folder if it is missing, start the server, return when it answers.

        Raises ServerDidNotStart.
        """
        self._clear_leftovers()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._launch()
        self._create_database()

    def stop(self) -> None:
        """Stop at once but cleanly (a fast shutdown: open transactions are rolled back). Keeps the data."""
        if self._process:
            end(self._process, signal.SIGINT, 5, signal.SIGQUIT)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would, and return when its last process is gone."""
        if self._process:
            self._process.kill()
            self._process.wait(30)
            wait_until(lambda: not working_in(self.data, "postgres"), 30)
            self._process = None

    def remove(self) -> None:
        """Stop and delete the data."""
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _password(self) -> str:
        return (self.root / "password").read_text()

    def _clear_leftovers(self) -> None:
        end_leftovers(self.data, "postgres", polite=signal.SIGINT)
        # Nobody works in the data folder any more, so what the file says of a process is about a stranger.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        password = self.root / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        self._account.own(password)
        command = [
            str(self.binaries / "initdb"), "--pgdata", str(self.data),
            "--username", USER, "--pwfile", str(password),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
        ]  # fmt: skip
        if not self._durable:
            command.append("--no-sync")
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.root,
            env=_environment(), **self._account.popen_arguments,
        )  # fmt: skip
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServerDidNotStart(f"initdb failed: {made.stderr[-2000:]}")

    def _launch(self) -> None:
        settings = [
            f"listen_addresses={LOOPBACK}",
            f"port={self.port}",
            "unix_socket_directories=",
            "timezone=UTC",
        ]
        if not self._durable:
            settings.extend(NOT_DURABLE)
        options = [word for setting in settings for word in ("-c", setting)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.root, env=_environment(),
                start_new_session=True, **self._account.popen_arguments,
            )  # fmt: skip
        wait_for_server(self._process, self._answers, self._log)

    def _answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        with self.connect("postgres") as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


@contextmanager
def temporary_postgres(binaries: Path | None = None) -> Iterator[LocalPostgres]:
    """A running server for tests, not durable, deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="dermtriage-postgres-"))
    server = LocalPostgres(folder, durable=False, binaries=binaries)
    try:
        server.start()
        yield server
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


def _major_of(data: Path) -> int | None:
    version = data / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None


def _environment() -> dict[str, str]:
    """Nothing of ours but PATH: PGDATA and its like in a developer's shell are meant for other servers."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}

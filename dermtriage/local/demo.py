"""`make demo`: the whole product on one machine, from its own PostgreSQL to twelve assessed sample cases.

Starts the servers and the product's processes as they run in production, watches them until it is told to
stop, and ends them in order.
"""

import os
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime

import click

from db.migrate import upgrade
from dermtriage.local.accounts import Accounts, demo_accounts
from dermtriage.local.client import Client
from dermtriage.local.errors import LocalServiceError, PartNotReady, PortTaken
from dermtriage.local.home import Home, find_home
from dermtriage.local.parts import PATIENCE_S, Part, end_all, end_leftover
from dermtriage.local.postgres import LocalPostgres
from dermtriage.local.processes import LOOPBACK, port_is_free
from dermtriage.local.redis import LocalRedis
from dermtriage.local.samples import submitted_samples, wait_until_assessed
from dermtriage.local.stopping import Stopped, Stopping

PARTS = ("api", "worker", "scheduler")
LOOK_S = 0.5
API_PATIENCE_S = 60


def run_demo() -> None:
    """Run until SIGINT, SIGTERM or SIGHUP. `DERMTRIAGE_HOME` says where, `PORT` on which port.

    Raises LocalServiceError with the remedy when it cannot.
    """
    port = _port()
    stopping = Stopping()
    stopping.listen()
    home = find_home()
    with home.held():
        try:
            with ExitStack() as running:
                Demo(home, port, stopping).run(running)
        except Stopped:
            click.echo(f"Stopped. Cases, keys and logs stay in {home.folder}")


class Demo:
    """One run. What it starts is ended by the stack given to `run`, in reverse order."""

    def __init__(self, home: Home, port: int, stopping: Stopping) -> None:
        self._home = home
        self._stopping = stopping
        self._port = port
        self._url = f"http://{LOOPBACK}:{port}"
        self._servers: dict[str, LocalPostgres | LocalRedis] = {}
        self._parts: list[Part] = []

    def run(self, running: ExitStack) -> None:
        """Bring everything up, then watch it. Ends by raising Stopped."""
        self._home.ready_file.unlink(missing_ok=True)
        running.callback(self._home.ready_file.unlink, missing_ok=True)
        self._clear_leftovers()
        postgres, redis = self._start_servers(running)
        self._say("Bringing the database to the newest schema")
        upgrade(postgres.url)
        accounts = demo_accounts(self._home, postgres.url)
        client = Client(self._url, accounts.api_key)
        running.callback(client.close)
        self._start_parts(running, client, self._environment(postgres.url, redis.url))
        self._show_samples(client)
        self._announce(accounts)
        while True:
            self._watch()

    def _clear_leftovers(self) -> None:
        for name in PARTS:
            end_leftover(name, self._home)
        if not port_is_free(self._port):
            raise PortTaken(
                f"port {self._port} is taken: end what listens there, or choose another by PORT=8001"
            )

    def _start_servers(self, running: ExitStack) -> tuple[LocalPostgres, LocalRedis]:
        postgres = LocalPostgres(self._home.postgres, durable=True)
        redis = LocalRedis(self._home.redis)
        self._say(
            f"Starting PostgreSQL (data in {postgres.data}) and Redis; all else is in {self._home.folder}"
        )
        self._servers = {"PostgreSQL": postgres, "Redis": redis}
        for server in self._servers.values():
            running.callback(server.stop)
            server.start()
            self._stopping.check()
        return postgres, redis

    def _environment(self, database_url: str, broker_url: str) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": database_url,
            "BROKER_URL": broker_url,
            "IMAGE_STORE_URL": self._home.images.as_uri(),
            "SECRET_KEY": self._home.secret_key(),
            "HOST": LOOPBACK,
            "PORT": str(self._port),
            "PROMETHEUS_MULTIPROC_DIR": str(self._home.metrics),
            "WORKER_STOP_SECONDS": str(PATIENCE_S - 1),
            # A newcomer's first webhook receiver listens on the same machine.
            "WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true",
        }

    def _start_parts(self, running: ExitStack, client: Client, environment: dict[str, str]) -> None:
        """The API first, alone: on few cores a person sees the pages sooner that way."""
        running.callback(end_all, self._parts)
        for name in PARTS:
            self._say(f"Starting the {name}")
            part = Part(name, _command(name), self._home, environment)
            self._parts.append(part)
            part.start()
            self._wait_for_api(client)

    def _wait_for_api(self, client: Client) -> None:
        end = time.monotonic() + API_PATIENCE_S
        while not client.is_ready():
            self._watch()
            if time.monotonic() > end:
                raise PartNotReady(
                    f"the API did not answer in {API_PATIENCE_S} s: see {self._home.log('api')}"
                )

    def _show_samples(self, client: Client) -> None:
        if not self._home.recall("samples"):
            self._say("Submitting the sample cases")
        ids = submitted_samples(self._home, client, self._stopping)
        wait_until_assessed(
            ids, client, self._watch, lambda n: self._say(f"{n} of {len(ids)} sample cases assessed")
        )

    def _announce(self, accounts: Accounts) -> None:
        people = "\n".join(f"    {line}" for line in accounts.table())
        click.echo(
            f"\ndermtriage is running. Research demonstration, not for clinical use.\n\n"
            f"  Pages          {self._url}/\n"
            f"  API            {self._url}/docs\n"
            f"  API key        {accounts.api_key}\n\n"
            f"  Sign in as\n{people}\n\n"
            f"Ctrl-C ends it. The cases stay in {self._home.folder}"
        )
        people_by_role = {
            each.role: {"email": each.email, "password": each.password} for each in accounts.people
        }
        self._home.remember(
            "demo",
            {
                "url": self._url,
                "api_key": accounts.api_key,
                "clinician": people_by_role["clinician"],
                "people": people_by_role,
            },
        )

    def _watch(self) -> None:
        """Half a second of waiting, then a look whether everything still runs. Raises Stopped."""
        self._stopping.pause(LOOK_S)
        for name, server in self._servers.items():
            if not server.running:
                self._say(f"{name} had died and is started again")
                server.start()
        for part in self._parts:
            if line := part.restart_if_dead():
                self._say(line)

    def _say(self, line: str) -> None:
        """To the person at the terminal, and with its time to the demo's own log."""
        click.echo(line)
        with self._home.log("demo").open("a") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {line}\n")


def _command(name: str) -> list[str]:
    return [sys.executable, "-m", "dermtriage", name]


def _port() -> int:
    given = os.environ.get("PORT", "8000")
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise LocalServiceError(f"PORT must be a number from 1 to 65535, not {given!r}")
    return int(given)

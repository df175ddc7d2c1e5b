"""The product's own processes as children of the demo: started, watched, started again, ended.

Each is a session of its own, so that Ctrl-C reaches the demo alone, which then ends them in order.
"""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress

import psutil

from dermtriage.local.home import Home, write_private
from dermtriage.local.processes import wait_until

PATIENCE_S = 6
"""Seconds a part has to finish its work after SIGTERM."""
LONGEST_PAUSE_S = 30


class Part:
    """One process with its own log; its process id is noted, so that a later start finds it."""

    def __init__(self, name: str, command: list[str], home: Home, environment: dict[str, str]) -> None:
        self.name = name
        self._command = command
        self.log = home.log(name)
        self._note = home.pid_file(name)
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = 1.0
        self._not_before = 0.0

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; it may need seconds until it serves."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment,
                start_new_session=True,
            )  # fmt: skip
        write_private(self._note, json.dumps(_identity(self._process.pid)))

    def restart_if_dead(self) -> str | None:
        """Start it again when it died, ever more slowly when it keeps dying; says so in a line, else None."""
        if self.running or time.monotonic() < self._not_before:
            return None
        code = self._process.returncode if self._process else None
        self._not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_S)
        self.start()
        return f"{self.name} had died (exit code {code}) and was started again; its log: {self.log}"

    def ask_to_end(self) -> None:
        """Let it finish what it holds."""
        if self._process and self.running:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Return when it is gone with all its children, by force once `deadline` (monotonic) has passed."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.1, deadline - time.monotonic()))
        _kill_session(self._process.pid)
        self._process.wait(10)
        self._note.unlink(missing_ok=True)


def end_leftover(name: str, home: Home) -> None:
    """End what a killed demo left running under this name, and nothing else."""
    note = home.pid_file(name)
    noted = json.loads(note.read_text()) if note.exists() else None
    if noted and _identity(noted["pid"]) == noted:
        _kill_session(noted["pid"])
        wait_until(lambda: _identity(noted["pid"]) != noted, 10)
    note.unlink(missing_ok=True)


def end_all(parts: list[Part]) -> None:
    """End all parts at the same time."""
    for part in parts:
        part.ask_to_end()
    deadline = time.monotonic() + PATIENCE_S
    for part in parts:
        part.end(deadline)


def _identity(pid: int) -> dict[str, float] | None:
    """Tells a process from a later one with the same id; None when there is none, or only its zombie."""
    try:
        process = psutil.Process(pid)
        return (
            None
            if process.status() == psutil.STATUS_ZOMBIE
            else {"pid": pid, "created": process.create_time()}
        )
    except psutil.Error:
        return None


def _kill_session(leader: int) -> None:
    """Kill a child and what it started. Its process group has its number and lives on without it."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return

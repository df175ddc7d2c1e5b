"""Processes and ports of the local servers: find, wait, end, recognise a killed run's leftovers."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from dermtriage.local.errors import ServerDidNotStart

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def wait_until(ready: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Ask `ready` until it says yes or `seconds` have passed; gives its last answer."""
    end = time.monotonic() + seconds
    while not (answer := ready()) and time.monotonic() < end:
        time.sleep(pause)
    return answer


def wait_for_server(process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path) -> None:
    """Return when the server answers.

    Raises ServerDidNotStart, with the end of its log, when it ends or says nothing for 30 seconds.
    """
    if wait_until(lambda: process.poll() is not None or answers(), 30) and process.poll() is None:
        return
    raise ServerDidNotStart(f"{log.stem} did not start: {log.read_text(errors='replace')[-2000:]}")


def end(process: subprocess.Popen[bytes], polite: int, seconds: float, hard: int) -> None:
    """End a child: `polite` signal, `seconds` of patience, then the `hard` one. Returns when it is gone."""
    if process.poll() is not None:
        return
    process.send_signal(polite)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(hard)
        process.wait(30)


def working_in(folder: Path, *names: str) -> list[psutil.Process]:
    """The processes called one of `names` whose working folder is `folder`.

    Both servers change into their data folder, so this tells ours from any other, even where a process
    id was reused.
    """
    return [process for process in psutil.process_iter() if _works_in(process, folder, names)]


def _works_in(process: psutil.Process, folder: Path, names: tuple[str, ...]) -> bool:
    try:
        return bool(process.name() in names) and Path(process.cwd()) == folder
    except (psutil.Error, OSError):
        # Gone meanwhile, or another user's: not ours.
        return False


def end_leftovers(folder: Path, *names: str, polite: int) -> None:
    """End the servers that a killed run left working in `folder`; hard after ten seconds."""
    for number in (polite, signal.SIGKILL):
        for process in working_in(folder, *names):
            _send(process, number)
        if wait_until(lambda: not working_in(folder, *names), 10, pause=0.05):
            return


def _send(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return

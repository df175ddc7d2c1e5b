"""Runs that are killed: a process of its own that sends itself SIGKILL before it commits a file.

One server loads what the steps need and forks a process for every run. It is not that of `multiprocessing`:
of those there is one for all tests, with what the first of them asked it to load.
"""

import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest.mock import patch

LOADED = (
    "datasets",
    "training.textbooks.align",
    "training.textbooks.export.running",
    "training.textbooks.extract",
    "training.textbooks.filter.looking",
    "training.textbooks.filter.screening",
    "training.textbooks.modality.guessing",
    "training.textbooks.questions",
    "training.textbooks.run.running",
)
SERVER = "from tests.training.textbooks.run.killed import serve; serve()"
LONGEST_S = 120


class Runs:
    """The server, from the test's side. Use as a context manager."""

    def __enter__(self) -> "Runs":
        """Start it."""
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It ends with its input."""
        self._server.communicate()

    def walk(self, sources: Path, out: Path, **kill: str | int) -> bool:
        """One run. True where it ended; else it was killed.

        `kill_before`: before it commits a file of that name for the `count`-th time. `kill_when`: as soon as
        a file like this lies in `out`, in the middle of the work.
        """
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps({"sources": str(sources), "out": str(out)} | kill) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        assert code in (0, -signal.SIGKILL), code
        return code == 0


def serve() -> None:
    """The server's life: a run a line, and how it ended."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the runs say is no answer
    for name in LOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(json.loads(line))
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        answers.flush()


def _live(told: dict[str, Any]) -> None:
    signal.alarm(LONGEST_S)
    try:
        _walk(Path(told.pop("sources")), Path(told.pop("out")), **told)
    except BaseException:  # noqa: BLE001 - it must not return into the server's loop
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _walk(sources: Path, out: Path, kill_before: str = "", count: int = 1, kill_when: str = "") -> None:
    from training.textbooks.parallel import Workers
    from training.textbooks.run.options import Options
    from training.textbooks.run.running import run
    from training.textbooks.sources import books_of, sources_of

    if kill_when:
        threading.Thread(target=_kill_when, args=(out, kill_when), daemon=True).start()
    books, _, _ = books_of(sources, out)
    options = Options(out, Workers(1), sources=sources_of(sources, books))
    with patch.object(Path, "replace", _deadly(kill_before, count)):
        outcome = run(books, options, lambda line: None)
    assert not outcome.faults, outcome.faults


def _kill_when(out: Path, pattern: str) -> None:
    while not any(out.glob(pattern)):
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGKILL)


def _deadly(kill_before: str, count: int) -> Callable[[Path, Path], Path]:
    replace, left = Path.replace, count

    def committed(self: Path, target: Path) -> Path:
        nonlocal left
        left -= Path(target).name == kill_before
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(self, target)

    return committed


def contents(folder: Path) -> dict[str, str]:
    """A hash of every file by its place."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }

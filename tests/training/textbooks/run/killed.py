"""Runs that are killed: a process of its own that sends itself SIGKILL before it commits a file."""

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from tests.forked import begin
from training.textbooks.parallel import Workers
from training.textbooks.run.options import Options
from training.textbooks.run.running import run
from training.textbooks.sources import books_of, sources_of


def walk(sources: Path, out: Path, kill_before: str = "", count: int = 1, kill_when: str = "") -> bool:
    """One run. True where it ended; else it was killed.

    `kill_before`: before it commits a file of that name for the `count`-th time. `kill_when`: as soon as a
    file like this lies in `out`, in the middle of the work.
    """
    process = begin(_walk, sources, out, kill_before, count, kill_when)
    process.join(120)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode == 0


def _walk(sources: Path, out: Path, kill_before: str, count: int, kill_when: str) -> None:
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

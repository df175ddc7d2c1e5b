"""An evaluation in a process of its own, which kills itself while it runs."""

import os
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from evaluation.row_file import RowFile
from tests.forked import begin, command

PATIENCE_S = 150


def killed_half_way(arguments: Sequence[str | Path], unfinished: Path, rows: int) -> int:
    """`dermtriage evaluate ...`, killed (-9) when `unfinished` has at least so many rows; how many it has."""
    said = unfinished.with_name("said.txt")
    said.parent.mkdir(parents=True, exist_ok=True)
    process = begin(_evaluate, [str(word) for word in arguments], said, unfinished, rows)
    process.join(PATIENCE_S)
    assert process.exitcode == -signal.SIGKILL, said.read_text()
    said.unlink()
    return unfinished.read_bytes().count(b"\n")


def _evaluate(words: list[str], said: Path, unfinished: Path, rows: int) -> None:
    append = RowFile.append

    def deadly(self: RowFile, results: Iterable[tuple[int, dict[str, Any]]]) -> None:
        append(self, results)
        if self.unfinished == unfinished and self.done >= rows:
            os.kill(os.getpid(), signal.SIGKILL)

    RowFile.append = deadly  # type: ignore[method-assign]
    command(["evaluate", *words], said)

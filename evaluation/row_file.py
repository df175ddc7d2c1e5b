"""Results row by row in a file that a killed run goes on with, and that does not depend on batch or order.

Each line is one JSON object with its `row` (the number in the input). Lines are appended as they come; at the
end `finish` writes them sorted by number, whole or not at all. What is kept in memory is one bit a row.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


class RowFile:
    """`PATH` when finished, `PATH.part` until then. Use as a context manager."""

    def __init__(self, path: Path, total: int) -> None:
        """Take up an unfinished file of this run: a torn last line is cut off, its row is done again."""
        self.path, self.total = path, total
        self.unfinished = path.with_name(f"{path.name}.part")
        self._done = bytearray(total)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self.is_finished:
            self._take_up()

    @property
    def is_finished(self) -> bool:
        """True where all rows are there: nothing needs computing."""
        return self.path.is_file()

    def missing(self) -> Iterator[int]:
        """Numbers of the rows still to do, in order."""
        return (row for row in range(self.total) if not self._done[row]) if not self.is_finished else iter(())

    @property
    def done(self) -> int:
        """How many rows are there."""
        return self.total if self.is_finished else sum(self._done)

    def append(self, results: Iterable[tuple[int, dict[str, Any]]]) -> None:
        """Add rows and see them on the disk: what this returned from survives a kill."""
        with self.unfinished.open("a", encoding="utf-8", newline="\n") as lines:
            for row, result in results:
                lines.write(json.dumps({"row": row, **result}, ensure_ascii=False, sort_keys=True) + "\n")
                self._done[row] = 1
            lines.flush()
            os.fsync(lines.fileno())

    def finish(self) -> None:
        """Sort all rows into the finished file. Raises `ValueError` while rows are missing."""
        if self.is_finished:
            return
        if missing := self.total - self.done:
            raise ValueError(f"{self.path}: {missing} of {self.total} rows are missing")
        places = self._places()
        sorted_file = self.path.with_name(f".{self.path.name}.sorted")
        with self.unfinished.open("rb") as lines, sorted_file.open("wb") as target:
            for row in range(self.total):
                lines.seek(places[row])
                target.write(lines.readline())
            target.flush()
            os.fsync(target.fileno())
        sorted_file.replace(self.path)
        self.unfinished.unlink()

    def rows(self) -> Iterator[dict[str, Any]]:
        """The finished rows, one at a time."""
        with self.path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)

    def _take_up(self) -> None:
        if not self.unfinished.exists():
            self.unfinished.touch()
            return
        whole = 0
        with self.unfinished.open("r+b") as lines:
            for line in iter(lines.readline, b""):
                row = _row_of(line)
                if row is None or row >= self.total:
                    break
                self._done[row] = 1
                whole += len(line)
            lines.truncate(whole)

    def _places(self) -> list[int]:
        """Where each row's line begins; of a row that is there twice, the first one."""
        places, at = [-1] * self.total, 0
        with self.unfinished.open("rb") as lines:
            for line in lines:
                row = json.loads(line)["row"]
                places[row] = at if places[row] < 0 else places[row]
                at += len(line)
        return places


def _row_of(line: bytes) -> int | None:
    """The number of a whole line; None for a torn one."""
    if not line.endswith(b"\n"):
        return None
    try:
        return int(json.loads(line)["row"])
    except (ValueError, KeyError, TypeError):
        return None

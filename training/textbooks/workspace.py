"""Where a run keeps its files: one folder a book, one file a step, written whole or not at all."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

Kind = TypeVar("Kind", bound=BaseModel)


@dataclass(frozen=True)
class Book:
    """One book's folder under `OUT/books`. `id` is made of the file's name and the hash of its bytes."""

    id: str
    folder: Path
    source: Path

    def file(self, name: str) -> Path:
        """A step's file, such as `pairs.jsonl`."""
        return self.folder / name


def write_records(file: Path, records: Iterable[BaseModel]) -> int:
    """Write JSON lines whole or not at all: a killed run leaves the old file or none. The count."""
    count = 0
    file.parent.mkdir(parents=True, exist_ok=True)
    passing = file.with_name(f".{file.name}.part")
    with passing.open("w", encoding="utf-8", newline="\n") as lines:
        for record in records:
            lines.write(record.model_dump_json(exclude_defaults=True) + "\n")
            count += 1
        lines.flush()
        os.fsync(lines.fileno())
    passing.replace(file)
    return count


def read_records(file: Path, kind: type[Kind]) -> Iterator[Kind]:
    """The records of a file, one at a time."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield kind.model_validate_json(line)

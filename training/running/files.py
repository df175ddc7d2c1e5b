"""Files and folders of a run that are whole or not there, whenever the process is killed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Have `write` fill a file beside `path`, bring it to the disk and rename it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    write(part)
    flush(part)
    part.replace(path)


def write_json(path: Path, content: Any) -> None:
    """Readable JSON, whole or not at all."""
    text = json.dumps(content, indent=2) + "\n"

    def write(part: Path) -> None:
        part.write_text(text)

    write_whole(path, write)


def flush(path: Path) -> None:
    """To the disk: a rename or a mark must never stand there before the contents."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

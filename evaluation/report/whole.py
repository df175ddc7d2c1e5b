"""Files that are written whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step: a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_name(f".{path.name}.begun")
    with begun.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    begun.replace(path)


def write_json(path: Path, content: Any) -> None:
    """The same as JSON, in the order given. Raises ValueError for nan: an undefined figure is None."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, (text + "\n").encode())

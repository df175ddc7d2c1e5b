"""Which stage is done, and with what: a mark beside its files, a hash of all that it read.

A stage whose mark fits is not run again. A killed run leaves no mark, so what it had begun is done anew.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

BLOCK = 1 << 20


def state_of(files: Iterable[Path], options: str = "") -> str:
    """A hash of the files' contents and of the options they are read with."""
    total = hashlib.sha256(options.encode())
    for file in files:
        total.update(_digest(file))
    return total.hexdigest()


def is_done(mark: Path, state: str, written: Sequence[Path]) -> bool:
    """True where the stage ran on this very state and all that it wrote is there."""
    try:
        kept = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(kept == {"state": state}) and all(file.exists() for file in written)


def set_done(mark: Path, state: str) -> None:
    """Mark the stage as done, whole or not at all."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    passing = mark.with_name(f".{mark.name}.part")
    with passing.open("w", encoding="utf-8") as text:
        text.write(json.dumps({"state": state}) + "\n")
        text.flush()
        os.fsync(text.fileno())
    passing.replace(mark)


def _digest(file: Path) -> bytes:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(BLOCK):
            digest.update(block)
    return digest.digest()

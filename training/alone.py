"""One run at a time in one folder: two would write over each other's files."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from training.errors import RunError

# Not the folder itself: `vlm.llava.replacing` holds that while it puts a finished model there.
FILE = ".lock"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder until the end or until this process dies. Raises `RunError` where it is held."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("w") as held:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"{folder}: another run is at work there; wait for it, or stop it") from None
        yield

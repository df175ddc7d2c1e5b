"""From what an operator typed to a model that workers can be told to load."""

import os

from vlm.loading import BY_WORD
from worker.making import load_checked
from worker.settings import WorkerSettings


def for_all_workers(ref: str) -> str:
    """The reference as every worker understands it: a folder by its absolute path."""
    return ref if ref == "bundled" or ref.partition(":")[0] in BY_WORD else os.path.abspath(ref)


def checked_revision(ref: str, settings: WorkerSettings) -> str:
    """The weights hash of a model that was loaded here and read a plain picture.

    Raises ModelError and `worker.self_test.ModelBroken`.
    """
    return load_checked(ref, settings.worker_device).revision

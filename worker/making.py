"""From a reference to a checked model, and from a model to a pipeline."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from db.image_store import ImageStore
from db.model_versions import register_model
from db.session import SessionFactory
from triage import Policy
from vlm import Model, load
from worker import self_test
from worker.commit import Committer
from worker.leases import Leases
from worker.loading import Loader
from worker.pipeline import Pipeline, overlaps
from worker.settings import WorkerSettings

log = structlog.get_logger()

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Surroundings:
    """What a worker works with and does not make itself."""

    sessions: SessionFactory
    store: ImageStore
    policy: Policy
    settings: WorkerSettings


def new_owner() -> str:
    """The name of a worker process: machine, process id, and a few digits because ids repeat."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"


def make_leases(around: Surroundings) -> Leases:
    """The heart-beat of a process; it does not beat yet."""
    return Leases(around.sessions, timedelta(seconds=around.settings.worker_lease_seconds))


def load_checked(ref: str, device: str) -> Model:
    """The model of a reference once it has read a plain picture. Raises ModelError and ModelBroken."""
    started = time.monotonic()
    model = load(ref, device)
    self_test.check(model)
    log.info(
        "model_ready",
        model=ref,
        device=model.device,
        revision=model.revision[:12],
        seconds=round(time.monotonic() - started, 2),
    )
    return model


def registered(sessions: SessionFactory, ref: str, model: Model) -> UUID:
    """The id of this model version. Waits for the database as long as it takes."""
    return patiently(
        sessions,
        lambda session: register_model(
            session, ref=ref, revision=model.revision, provenance=dict(model.provenance)
        ),
    )


def patiently(sessions: SessionFactory, ask: Callable[[Session], Answer]) -> Answer:
    """The database's answer in one transaction; asked again while it is away."""
    while True:
        try:
            with sessions.begin() as session:
                return ask(session)
        except (OperationalError, InterfaceError) as error:
            log.warning("database_away", error=type(error).__name__)
            time.sleep(1)


def pipeline_around(
    model: Model, ref: str, around: Surroundings, *, owner: str, leases: Leases, stopping: threading.Event,
    yielding: threading.Event,
) -> Pipeline:  # fmt: skip
    """A pipeline for a loaded model, whose version is written down."""
    settings = around.settings
    version = registered(around.sessions, ref, model)
    return Pipeline(
        sessions=around.sessions,
        model=model,
        loader=Loader(around.store, settings.worker_longest_side),
        committer=Committer(around.sessions, around.policy, owner, version, settings.worker_max_attempts),
        leases=leases,
        batch_size=settings.worker_batch_size,
        overlap=overlaps(settings.worker_overlap, model),
        stopping=stopping,
        yielding=yielding,
    )


def make_pipeline(around: Surroundings, stopping: threading.Event) -> Pipeline:
    """A pipeline around the model that the settings name. Raises what `load_checked` raises."""
    ref = around.settings.worker_model_ref
    model = load_checked(ref, around.settings.worker_device)
    return pipeline_around(
        model, ref, around, owner=new_owner(), leases=make_leases(around), stopping=stopping,
        yielding=threading.Event(),
    )  # fmt: skip

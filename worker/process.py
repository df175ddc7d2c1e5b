"""A worker process: one model, one pipeline, a heart-beat, timers, and a Celery consumer in threads.

The model is loaded once, before anything is consumed; no process is forked after that.
"""

import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery
from celery.signals import worker_shutting_down
from sqlalchemy.exc import InterfaceError, OperationalError

from db.image_store import ImageStore
from db.model_versions import register_model
from db.session import SessionFactory
from triage import Policy
from vlm import Model, load
from worker import self_test
from worker.broker import register
from worker.commit import Committer
from worker.consumer_watch import ConsumerWatch
from worker.drain import Drain
from worker.leases import Leases
from worker.loading import Loader
from worker.names import ASSESS_QUEUE, DRAIN_TASK
from worker.periodic import Periodic, Timer
from worker.pipeline import Pipeline, overlaps
from worker.settings import WorkerSettings

log = structlog.get_logger()

CLOSE_SECONDS = 5


@dataclass(frozen=True)
class Surroundings:
    """What a worker works with and does not make itself."""

    sessions: SessionFactory
    store: ImageStore
    policy: Policy
    settings: WorkerSettings


def make_pipeline(around: Surroundings, stopping: threading.Event) -> Pipeline:
    """Load the model, write down its version, and build the pipeline around it.

    Raises `vlm.UnknownModel` and ModelBroken. Waits for the database as long as it takes.
    """
    settings = around.settings
    started = time.monotonic()
    model = load(settings.worker_model_ref, settings.worker_device)
    self_test.check(model)
    owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    version = _registered(around.sessions, settings.worker_model_ref, model)
    committer = Committer(around.sessions, around.policy, owner, version, settings.worker_max_attempts)
    log.info(
        "model_ready",
        model=settings.worker_model_ref,
        device=model.device,
        revision=model.revision[:12],
        seconds=round(time.monotonic() - started, 2),
    )
    return Pipeline(
        sessions=around.sessions,
        model=model,
        loader=Loader(around.store, settings.worker_longest_side),
        committer=committer,
        leases=Leases(around.sessions, timedelta(seconds=settings.worker_lease_seconds)),
        batch_size=settings.worker_batch_size,
        overlap=overlaps(settings.worker_overlap, model),
        stopping=stopping,
    )


def _registered(sessions: SessionFactory, ref: str, model: Model) -> Any:
    while True:
        try:
            with sessions.begin() as session:
                return register_model(
                    session, ref=ref, revision=model.revision, provenance=dict(model.provenance)
                )
        except (OperationalError, InterfaceError) as error:
            log.warning("database_away", error=type(error).__name__)
            time.sleep(1)


class WorkerProcess:
    """One process of `dermtriage worker`. `queues` without `assess` means: background work only, no model."""

    def __init__(self, app: Celery, around: Surroundings, periodics: Iterable[Periodic], queues: list[str]):
        self.app = app
        self.settings = around.settings
        self.queues = queues
        self.stopping = threading.Event()
        self.leases: Leases | None = None
        self.broken = False
        self.periodics = list(periodics)
        self.drain = Drain(lambda: None, self.stopping)
        for periodic in self.periodics:
            register(app, periodic.name, periodic.run)
        if ASSESS_QUEUE in queues:
            pipeline = make_pipeline(around, self.stopping)
            self.leases = pipeline.leases
            self.drain = Drain(lambda: self._assess(pipeline), self.stopping)
            watch = ConsumerWatch(app, ASSESS_QUEUE)
            register(app, DRAIN_TASK, watch.seen(self.drain))
            every = self.settings.worker_sweep_seconds
            # Lost wake-ups are found by looking, in each process for itself.
            self.periodics += [
                Periodic("look_for_work", every, self.drain),
                Periodic("watch_consumer", every * 2, watch.check),
            ]

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; the exit status. The batch in hand is finished and committed."""
        # The timers may hold a batch before Celery's consumer, once up, takes the signals over.
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        timer = Timer(self.periodics)
        if self.leases:
            self.leases.start()
        timer.start()
        worker_shutting_down.connect(self._stop, weak=False)
        worker = self.app.Worker(
            pool="threads",
            concurrency=self.settings.worker_threads,
            queues=self.queues,
            loglevel="INFO",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            quiet=True,
        )
        worker.start()
        self.stopping.set()
        timer.stop()
        self.drain.wait_idle(self.settings.worker_stop_seconds)
        log.info("worker_ended")
        return 1 if self.broken else int(worker.exitcode or 0)

    def _assess(self, pipeline: Pipeline) -> None:
        """Run the pipeline. A broken model ends the process, so that a fresh one takes its place."""
        try:
            pipeline.run()
        except self_test.ModelBroken as error:
            log.error("model_broken", error=type(error.__cause__).__name__)
            self.broken = True
            os.kill(os.getpid(), signal.SIGTERM)

    def _stop(self, *_: object, **__: object) -> None:
        """At the first signal: claim nothing more. A second one ends the process as it stands."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        signal.signal(signal.SIGTERM, _end_at_once)
        signal.signal(signal.SIGINT, _end_at_once)
        threading.Thread(target=self._end_in_time, name="end-in-time", daemon=True).start()

    def _end_in_time(self) -> None:
        """A consumer that waits for a broker or a model that hangs must not keep the process alive."""
        idle = self.drain.wait_idle(self.settings.worker_stop_seconds)
        if idle:
            time.sleep(CLOSE_SECONDS)
        log.warning("worker_cut_short", idle=idle)
        os._exit(0 if idle else 1)


def _end_at_once(*_: object) -> None:
    os._exit(1)

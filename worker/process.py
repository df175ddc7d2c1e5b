"""A worker process: its models, a heart-beat, timers, and a Celery consumer in threads.

The model is loaded before anything is consumed; no process is forked after that.
"""

import os
import signal
import threading
import time
from collections.abc import Iterable

import structlog
from celery import Celery
from celery.signals import worker_shutting_down

from worker.broker import register
from worker.consumer_watch import ConsumerWatch
from worker.drain import Drain
from worker.making import Surroundings
from worker.model_watch import ModelWatch
from worker.names import ACTIVATE_TASK, ASSESS_QUEUE, DRAIN_TASK, SHADOW_QUEUE, TRIAL_TASK
from worker.periodic import Periodic, Timer
from worker.self_test import ModelBroken

log = structlog.get_logger()

CLOSE_SECONDS = 5


class WorkerProcess:
    """One process of `dermtriage worker`. `queues` without `assess` means: background work only, no model."""

    def __init__(self, app: Celery, around: Surroundings, periodics: Iterable[Periodic], queues: list[str]):
        self.app = app
        self.settings = around.settings
        self.queues = queues
        self.stopping = threading.Event()
        self.broken = False
        self.periodics = list(periodics)
        self.drain = Drain(lambda: None, self.stopping)
        self.models: ModelWatch | None = None
        for periodic in self.periodics:
            register(app, periodic.name, periodic.run)
        if ASSESS_QUEUE in queues or SHADOW_QUEUE in queues:
            self.models = ModelWatch(around, queues, self.stopping, self._end_broken)
            self.drain = self.models.drain
            self._work_with(self.models)

    def _work_with(self, models: ModelWatch) -> None:
        every = self.settings.worker_sweep_seconds
        # Lost wake-ups are found by looking, in each process for itself.
        self.periodics += [*models.periodics(every), Periodic("look_for_work", every, models.drain)]
        register(self.app, TRIAL_TASK, models.follow)
        if ASSESS_QUEUE in self.queues:
            watch = ConsumerWatch(self.app, ASSESS_QUEUE)
            register(self.app, DRAIN_TASK, watch.seen(models.drain))
            register(self.app, ACTIVATE_TASK, watch.seen(models.follow))
            self.periodics.append(Periodic("watch_consumer", every * 2, watch.check))

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; the exit status. The batch in hand is finished and committed."""
        # The timers may hold a batch before Celery's consumer, once up, takes the signals over.
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        timer = Timer(self.periodics)
        if self.models:
            self.models.leases.start()
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
        if self.models:
            self.models.plate.take_down()
        log.info("worker_ended")
        return 1 if self.broken else int(worker.exitcode or 0)

    def _end_broken(self, error: ModelBroken) -> None:
        """A broken model ends the process, so that a fresh one takes its place."""
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

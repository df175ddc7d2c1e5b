"""What runs in the background, composed: which functions of the rooms are tasks, when, on which broker."""

from functools import cache

from celery import Celery

from db.image_store import ImageStore
from db.notices import alarm_unclaimable
from db.session import SessionFactory, make_engine, make_sessions
from dermtriage.settings import Settings, load_settings, read
from intake import tidy_up
from review import raise_alarms
from triage import load_policy
from webhooks.deliver import deliver_due
from worker.broker import WakeUp, make_celery, schedule
from worker.making import Surroundings
from worker.periodic import Periodic
from worker.process import WorkerProcess
from worker.settings import WorkerSettings
from worker.sweeps import Sweeps
from worker.wake_later import WakeLater

DELIVER_TASK = "dermtriage.deliver"
DELIVER_SECONDS = 5
TIDY_TASK = "dermtriage.tidy"
TIDY_SECONDS = 86_400
UNCLAIMABLE_TASK = "dermtriage.alarm_unclaimable"
UNCLAIMABLE_SECONDS = 60
DRIFT_TASK = "dermtriage.watch_drift"
DRIFT_SECONDS = 3600


def surroundings(settings: Settings) -> Surroundings:
    """The database, image store and policy of a worker; opens no connection yet."""
    database = settings.database
    engine = make_engine(database.database_url, max(database.database_pool_size, 5))
    return Surroundings(
        sessions=make_sessions(engine),
        store=ImageStore(database.image_store_url),
        policy=load_policy(settings.front_door.policy_file),
        settings=settings.worker,
    )


def periodics(settings: Settings, around: Surroundings) -> list[Periodic]:
    """All that repeats: the worker's sweeps, and what other rooms do in the background, a line each."""
    worker = settings.worker
    sweeps = Sweeps(
        around.sessions,
        around.policy,
        worker.worker_max_attempts,
        WakeUp(worker.broker_url),
        settings.review.review_escalation_share,
    )
    return [
        *sweeps.periodics(worker.worker_sweep_seconds),
        Periodic(DELIVER_TASK, DELIVER_SECONDS, lambda: deliver_due(around.sessions, settings.webhooks)),
        Periodic(TIDY_TASK, TIDY_SECONDS, lambda: tidy_up(around.sessions, around.store, settings.intake)),
        Periodic(UNCLAIMABLE_TASK, UNCLAIMABLE_SECONDS, lambda: _alarm_unclaimable(around.sessions)),
        Periodic(DRIFT_TASK, DRIFT_SECONDS, lambda: raise_alarms(around.sessions)),
    ]


def _alarm_unclaimable(sessions: SessionFactory) -> None:
    with sessions.begin() as session:
        alarm_unclaimable(session)


def celery_app() -> Celery:
    """The application of the scheduler: it knows when each task is due, and runs none."""
    settings = load_settings()
    app = make_celery(settings.worker.broker_url)
    schedule(app, periodics(settings, surroundings(settings)))
    return app


def worker_process(queues: list[str]) -> WorkerProcess:
    """A worker with its model loaded, ready to run."""
    settings = load_settings()
    around = surroundings(settings)
    app = make_celery(settings.worker.broker_url)
    return WorkerProcess(app, around, periodics(settings, around), queues)


def wake_up() -> None:
    """Tell the workers that cases wait. Never raises: the broker is disposable."""
    _wake_up_for_cases()()


def wake_deliveries() -> None:
    """Tell the workers that events wait for delivery. Never raises."""
    _wake_up_for_deliveries()()


@cache
def _wake_up_for_cases() -> WakeLater:
    return WakeLater(WakeUp(read(WorkerSettings).broker_url))


@cache
def _wake_up_for_deliveries() -> WakeLater:
    return WakeLater(WakeUp(read(WorkerSettings).broker_url, DELIVER_TASK))

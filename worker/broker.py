"""The Celery application on the broker, and how it is told that there is work.

Messages are acknowledged early and carry nothing: a lost one costs the seconds until a timer looks.
"""

from collections.abc import Callable, Iterable, Mapping

import structlog
from celery import Celery
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from worker.names import (
    ACTIVATE_TASK,
    ASSESS_QUEUE,
    BACKGROUND_QUEUE,
    DRAIN_TASK,
    QUEUES,
    SHADOW_QUEUE,
    TRIAL_TASK,
)
from worker.periodic import Periodic

log = structlog.get_logger()

QUEUE_OF = {DRAIN_TASK: ASSESS_QUEUE, ACTIVATE_TASK: ASSESS_QUEUE, TRIAL_TASK: SHADOW_QUEUE}

# A sender gives up after one attempt: its caller has a request to answer.
SEND_AT_ONCE = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_max": 0,
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry_on_timeout": False,
}


def make_celery(broker_url: str, transport_options: Mapping[str, object] | None = None) -> Celery:
    """A Celery application without tasks."""
    app = Celery("dermtriage", broker=broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=False,
        task_default_queue=BACKGROUND_QUEUE,
        task_queues={name: {"exchange": name, "routing_key": name} for name in QUEUES},
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=2,
        # Cancels nothing where messages are acknowledged early; unsaid, Celery warns at every reconnect.
        worker_cancel_long_running_tasks_on_connection_loss=True,
        broker_transport_options=dict(transport_options or {}),
        timezone="UTC",
    )
    return app


def register(app: Celery, name: str, run: Callable[[], object]) -> None:
    """Make a function a task without arguments and without result."""

    def task() -> None:
        run()

    app.task(name=name, shared=False)(task)


def schedule(app: Celery, periodics: Iterable[Periodic]) -> None:
    """Let the scheduler send each periodic. A message that no worker took in time is not worth keeping."""
    app.conf.beat_schedule = {
        periodic.name: {
            "task": periodic.name,
            "schedule": periodic.seconds,
            "options": {"queue": queue_of(periodic.name), "expires": max(2 * periodic.seconds, 10)},
        }
        for periodic in periodics
    }


def queue_of(task: str) -> str:
    """Assessing has a queue of its own, so that no other work delays it."""
    return QUEUE_OF.get(task, BACKGROUND_QUEUE)


class WakeUp:
    """Says "there is work" to the workers. Call it after commit: it never raises and takes little time."""

    def __init__(self, broker_url: str, task: str = DRAIN_TASK) -> None:
        self.task = task
        self._app = make_celery(broker_url, SEND_AT_ONCE)

    def __call__(self) -> None:
        """Send the message. Without a broker a line is logged: the workers' timers find the work."""
        try:
            self._app.send_task(self.task, queue=queue_of(self.task), retry=False)
        except (BrokerAway, RedisError, OSError) as error:
            log.warning("wake_up_lost", task=self.task, error=type(error).__name__)

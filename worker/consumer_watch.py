"""Notices that wake-ups lie unread in the broker: consumers have been known to stop after a reconnect.

Work goes on meanwhile, since a timer looks for it; people are told by a log line and a figure.
"""

from collections.abc import Callable

import structlog
from celery import Celery
from kombu.exceptions import ChannelError
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from worker import metrics

log = structlog.get_logger()


class ConsumerWatch:
    """Compares what lies in a queue with what this process has taken from it."""

    def __init__(self, app: Celery, queue: str) -> None:
        self._app = app
        self._queue = queue
        self._taken = 0
        self._before: tuple[int, int] = (0, 0)

    def seen(self, run: Callable[[], None]) -> Callable[[], None]:
        """The task, counted when a message brings it."""

        def counted() -> None:
            self._taken += 1
            run()

        return counted

    def check(self) -> bool:
        """True, with a log line, when messages lay there at the last check too and none was taken since."""
        try:
            now = (self._waiting(), self._taken)
        except (ChannelError, BrokerAway, RedisError, OSError):
            # No such queue (an empty one is none on Redis), or no broker: nothing lies unread.
            now = (0, self._taken)
        stalled = now[0] > 0 and self._before[0] > 0 and now[1] == self._before[1]
        self._before = now
        if stalled:
            metrics.stalls.inc()
            log.warning("consumer_stalled", queue=self._queue, waiting=now[0])
        return stalled

    def _waiting(self) -> int:
        with self._app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            return int(connection.default_channel.queue_declare(self._queue, passive=True).message_count)

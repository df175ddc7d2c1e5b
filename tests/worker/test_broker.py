"""The broker is disposable: its absence is quick and silent, its messages are empty, its queues separate."""

import json
import time

import pytest
from redis import Redis

from dermtriage.local.redis import temporary_redis
from worker.broker import WakeUp, make_celery, register, schedule
from worker.consumer_watch import ConsumerWatch
from worker.names import ASSESS_QUEUE, BACKGROUND_QUEUE, DRAIN_TASK
from worker.periodic import Periodic


def test_a_wake_up_is_one_message_in_the_queue_of_the_model_and_carries_nothing(redis_url: str) -> None:
    WakeUp(redis_url)()
    with Redis.from_url(redis_url) as redis:
        (message,) = redis.lrange(ASSESS_QUEUE, 0, -1)
        assert redis.llen(BACKGROUND_QUEUE) == 0
    headers = json.loads(message)["headers"]
    assert (headers["task"], headers["argsrepr"], headers["kwargsrepr"]) == (DRAIN_TASK, "()", "{}")


def test_other_work_has_another_queue(redis_url: str) -> None:
    WakeUp(redis_url, "dermtriage.deliver")()
    with Redis.from_url(redis_url) as redis:
        assert (redis.llen(ASSESS_QUEUE), redis.llen(BACKGROUND_QUEUE)) == (0, 1)


def test_without_a_broker_a_wake_up_is_lost_at_once_and_without_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with temporary_redis() as server:
        wake_up = WakeUp(server.url)
        wake_up()
        server.kill()
        started = time.monotonic()
        wake_up()
        assert time.monotonic() - started < 3
        server.start()
        wake_up()
        with Redis.from_url(server.url) as redis:
            assert redis.llen(ASSESS_QUEUE) == 1
    assert "wake_up_lost" in capsys.readouterr().out


def test_the_schedule_names_each_task_with_its_queue_and_an_expiry(redis_url: str) -> None:
    app = make_celery(redis_url)
    schedule(app, [Periodic("dermtriage.sweep", 5, lambda: None)])
    entry = app.conf.beat_schedule["dermtriage.sweep"]
    assert (entry["task"], entry["schedule"]) == ("dermtriage.sweep", 5)
    assert entry["options"] == {"queue": BACKGROUND_QUEUE, "expires": 10}


def test_a_registered_task_runs_the_function_and_keeps_no_result(redis_url: str) -> None:
    runs: list[int] = []
    app = make_celery(redis_url)
    register(app, "dermtriage.sweep", lambda: runs.append(1))
    task = app.tasks["dermtriage.sweep"]
    task()
    assert runs == [1]
    assert task.ignore_result


def test_wake_ups_that_nobody_takes_are_noticed_at_the_second_look(redis_url: str) -> None:
    watch = ConsumerWatch(make_celery(redis_url), ASSESS_QUEUE)
    taken = watch.seen(lambda: None)
    assert [watch.check(), watch.check()] == [False, False]
    WakeUp(redis_url)()
    assert [watch.check(), watch.check()] == [False, True]
    taken()
    assert not watch.check()

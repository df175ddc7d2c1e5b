"""The faults. Each begins while cases are in work and ends when the fault's cause is gone."""

import signal
import time
from collections.abc import Callable

from db.model_control import activate
from db.models import Case
from tests.chaos.world import LEASE_SECONDS, World

Fault = Callable[[World], None]


def kill_a_worker(world: World) -> None:
    """kill -9 of a worker that holds cases; a supervisor starts it again."""
    while not _signalled(world, signal.SIGKILL):
        continue


def kill_redis(world: World) -> None:
    """Redis dies with all messages and comes back empty."""
    world.busy_worker()
    world.redis.kill()
    time.sleep(world.chance.uniform(0.2, 1))
    world.redis.start()


def stop_postgres(world: World) -> None:
    """PostgreSQL is away for seconds; open transactions are rolled back."""
    world.busy_worker()
    world.postgres.stop()
    time.sleep(world.chance.uniform(1, 3))
    world.postgres.start()


def freeze_a_worker(world: World) -> None:
    """A worker stands still until others took over its cases, then goes on where it was."""
    while not (pid := _signalled(world, signal.SIGSTOP)):
        continue
    try:
        time.sleep(LEASE_SECONDS)
        mine = Case.lease_owner.contains(f"-{pid}-")
        end = time.monotonic() + 2 * LEASE_SECONDS
        # A worker frozen inside a transaction keeps its rows locked: then they are its own until it goes on.
        while world.count(mine) and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        world.workers.signal(pid, signal.SIGCONT)


def change_the_model(world: World) -> None:
    """Another model is wanted while workers read: what comes next may meet them while they load it."""
    world.busy_worker()
    another = next(world.models)
    world.ask(lambda session: activate(session, another, None))


def _signalled(world: World, number: int) -> int:
    """The busy worker that got the signal while it lived; 0 when it was faster in dying."""
    pid = world.busy_worker()
    return pid if world.workers.signal(pid, number) else 0


FAULTS: dict[str, Fault] = {
    "worker killed": kill_a_worker,
    "Redis killed": kill_redis,
    "PostgreSQL stopped": stop_postgres,
    "worker frozen": freeze_a_worker,
    "model changed": change_the_model,
}

"""What each worker process says it has loaded, and whose turn it is to load."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from db.models import ModelWorker
from db.session import SessionFactory

# A worker that was not heard of for so long is not counted on; it speaks every five seconds.
ALIVE = timedelta(seconds=20)
FORGOTTEN = timedelta(days=1)

# One process at a time exchanges its model; the others go on with the one they have.
LOADING_LOCK = 0x6C6F6164696E67


class Loaded(NamedTuple):
    """One worker's word. `ref` is empty where it serves no active model; `revision` where it could not load.

    `loaded_at` is the moment of `wanted()` that the word answers.
    """

    owner: str
    ref: str
    revision: str
    device: str
    shadow_revision: str | None
    fault: str | None
    loaded_at: datetime


def say(session: Session, loaded: Loaded) -> None:
    """Write down what a worker has loaded; it counts as heard of now."""
    values = {**loaded._asdict(), "seen_at": func.now()}
    session.execute(
        insert(ModelWorker).values(values).on_conflict_do_update(index_elements=["owner"], set_=values)
    )
    session.execute(delete(ModelWorker).where(ModelWorker.seen_at < func.now() - FORGOTTEN))


def leave(session: Session, owner: str) -> None:
    """A worker ends: nobody waits for it."""
    session.execute(delete(ModelWorker).where(ModelWorker.owner == owner))


def running(session: Session) -> list[ModelWorker]:
    """The workers that live, by their names."""
    alive = ModelWorker.seen_at > func.now() - ALIVE
    return list(session.scalars(select(ModelWorker).where(alive).order_by(ModelWorker.owner)))


@contextmanager
def turn_to_load(sessions: SessionFactory) -> Iterator[bool]:
    """True for one process at a time, until the block ends; the turn of one that dies ends with it.

    The lock belongs to a connection outside any transaction, so that loading may take its time.
    """
    with sessions.kw["bind"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = bool(connection.scalar(select(func.pg_try_advisory_lock(LOADING_LOCK))))
        try:
            yield mine
        finally:
            if mine:
                try:
                    connection.execute(select(func.pg_advisory_unlock(LOADING_LOCK)))
                except (OperationalError, InterfaceError):
                    # The database was away meanwhile: the lock went with the connection.
                    connection.invalidate()

"""Engines and sessions. One engine a process; sessions are short and never held over slow I/O."""

import time

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

SessionFactory = sessionmaker[Session]

# A connection used within this time is trusted to be alive.
IDLE_SECONDS = 1.0

# A process that freezes inside a transaction keeps its locks no longer than this.
OPTIONS = "-c timezone=UTC -c idle_in_transaction_session_timeout=30s"


def make_engine(url: str, pool_size: int = 5) -> Engine:
    """An engine that notices dead connections, speaks UTC and survives a restart of PostgreSQL.

    A connection that lay idle is tried before it is used, which saves the first request after a restart; one
    used a moment ago is not, which saves a round trip for each transaction under load.
    """
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,  # an error's text would quote what a patient wrote
        connect_args={"options": OPTIONS, "connect_timeout": 5},
    )
    event.listen(engine, "checkin", _remember_use)
    event.listen(engine, "checkout", _try_if_idle)
    return engine


def _remember_use(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _try_if_idle(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
    if time.monotonic() - record.info.get("used", 0) < IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.OperationalError:
        # The pool closes this connection and tries the next.
        raise DisconnectionError from None


def make_sessions(engine: Engine) -> SessionFactory:
    """A factory of sessions whose objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)

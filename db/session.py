"""Engines and sessions. One engine a process; sessions are short and never held over slow I/O."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

SessionFactory = sessionmaker[Session]

# A process that freezes inside a transaction keeps its locks no longer than this.
OPTIONS = "-c timezone=UTC -c idle_in_transaction_session_timeout=30s"


def make_engine(url: str, pool_size: int = 5) -> Engine:
    """An engine that notices dead connections, speaks UTC and survives a restart of PostgreSQL.

    `pool_pre_ping` costs one round trip a checkout and saves the first request after each restart.
    """
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text would quote what a patient wrote
        connect_args={"options": OPTIONS, "connect_timeout": 5},
    )


def make_sessions(engine: Engine) -> SessionFactory:
    """A factory of sessions whose objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)

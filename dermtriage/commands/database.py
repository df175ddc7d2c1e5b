"""A transaction for commands, on the database of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from db.session import make_engine, make_sessions
from db.settings import DatabaseSettings
from dermtriage.settings import read


@contextmanager
def transaction() -> Iterator[Session]:
    """Commits when the block ends, rolls back when it raises."""
    engine = make_engine(read(DatabaseSettings).database_url, pool_size=1)
    try:
        with make_sessions(engine).begin() as session:
            yield session
    finally:
        engine.dispose()

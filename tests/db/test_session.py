"""Sessions survive a restart of PostgreSQL, and an idle connection is tried before it is used."""

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from db import session as db_session
from db.session import make_sessions
from dermtriage.local.postgres import temporary_postgres


def test_a_connection_that_lay_idle_over_a_restart_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_session, "IDLE_SECONDS", 0.0)
    with temporary_postgres() as server:
        engine = db_session.make_engine(server.url)
        with make_sessions(engine)() as session:
            session.execute(text("SELECT 1"))
        server.stop()
        server.start()
        with make_sessions(engine)() as session:
            assert session.scalar(text("SELECT 2")) == 2
        engine.dispose()


def test_a_connection_that_died_a_moment_after_its_use_fails_once_and_is_replaced(engine: Engine) -> None:
    sessions = make_sessions(engine)
    with sessions() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(engine.url.set(drivername="postgresql").render_as_string(False)) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with sessions() as session, pytest.raises(OperationalError):
        session.execute(text("SELECT 1"))
    with sessions() as session:
        assert session.scalar(text("SELECT 2")) == 2

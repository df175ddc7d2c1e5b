"""Real servers for every test: one PostgreSQL and one Redis a session, a fresh migrated database a test."""

import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dermtriage.local.postgres import LocalPostgres, temporary_postgres
from dermtriage.local.redis import LocalRedis, temporary_redis

# Two threads beside a busy neighbour are slower than one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

TEMPLATE = "migrated"

# Rooms whose tests start processes or a browser: they run last, so that a plain mistake shows soon.
SLOW_ROOMS = ("training", "browser", "worker", "whole", "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first; within a room the order stays."""

    def slowness(item: pytest.Item) -> int:
        room = item.path.relative_to(item.config.rootpath).parts[1]
        return SLOW_ROOMS.index(room) + 1 if room in SLOW_ROOMS else 0

    items.sort(key=slowness)


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A PostgreSQL server of this test run."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[LocalRedis]:
    """A Redis server of this test run; a test that kills one uses `temporary_redis()`."""
    with temporary_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: LocalRedis) -> str:
    """URL of Redis, empty when the test begins."""
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def empty_database_url(postgres: LocalPostgres) -> Iterator[str]:
    """URL of a database without tables, dropped afterwards."""
    yield from fresh_database(postgres, template="template1")


@pytest.fixture(scope="session")
def migrated_template(postgres: LocalPostgres) -> str:
    """Name of a database on which all migrations ran once, to be copied."""
    from db.migrate import upgrade

    with postgres.connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    upgrade(postgres.url_of(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(postgres: LocalPostgres, migrated_template: str) -> Iterator[str]:
    """URL of a fresh migrated database, dropped afterwards."""
    yield from fresh_database(postgres, template=migrated_template)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The product's engine on the fresh database."""
    from db.session import make_engine

    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the fresh database; what a test does not commit is rolled back."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


def fresh_database(postgres: LocalPostgres, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with postgres.connect() as connection:
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield postgres.url_of(name)
    finally:
        _drop(postgres, name)


def _drop(postgres: LocalPostgres, name: str) -> None:
    # A test may have stopped the server for good; then there is nothing to drop.
    try:
        with postgres.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    except psycopg.OperationalError:
        return

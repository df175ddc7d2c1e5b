"""The whole product, started once for the tests of this folder."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from db.migrate import upgrade
from db.session import make_engine, make_sessions
from dermtriage.local.postgres import LocalPostgres
from dermtriage.local.redis import temporary_redis
from tests.whole.running import Product, Receiver, product_environment, wait_for
from web.access import SCOPES
from web.credentials import create_api_key, create_clinician, create_platform

EMAIL, PASSWORD = "reader@example.org", "a long pass phrase"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def product(postgres: LocalPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """API, worker and scheduler as processes, on a database and a Redis of their own."""
    folder: Path = tmp_path_factory.mktemp("product")
    name = f"whole_{folder.name.replace('-', '_')}"
    with postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    url, port = postgres.url_of(name), _free_port()
    upgrade(url)
    engine = make_engine(url)
    with make_sessions(engine).begin() as session:
        platform = create_platform(session, "clinic-online")
        key = create_api_key(session, platform.id, "test", list(SCOPES))
        create_clinician(session, EMAIL, "Dr Reader", PASSWORD)
    engine.dispose()
    with temporary_redis() as redis:
        environment = product_environment(
            DATABASE_URL=url,
            BROKER_URL=redis.url,
            PORT=str(port),
            IMAGE_STORE_URL=(folder / "images").as_uri(),
            PROMETHEUS_MULTIPROC_DIR=str(folder / "metrics"),
        )
        product = Product(
            f"http://127.0.0.1:{port}", key, EMAIL, PASSWORD, url, redis.url, folder, environment
        )
        product.start("api", "worker", "scheduler")
        try:
            wait_for("the API", lambda: _is_ready(product.url))
            wait_for("the model", lambda: "model_ready" in product.logs())
            yield product
        finally:
            product.stop()


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=5).ok
    except requests.ConnectionError:
        return False

"""`/healthz` asks nothing; `/readyz` names what is missing. A lost broker does not make it unready."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from db.migrate import downgrade
from tests.applications import whole_application

NOBODY = "127.0.0.1:1"  # nothing listens on port 1


@pytest.fixture
def client(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    with whole_application(database_url, tmp_path / "images", monkeypatch, BROKER_URL=redis_url) as app:
        yield app.test_client()


def _errors(client: FlaskClient) -> dict[str, str]:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    return {error["field"]: error["remedy"] for error in answer.json["errors"]}


def test_all_there_is_ready(client: FlaskClient, tmp_path: Path) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "checks": {"database": "ok", "schema": "ok", "image_store": "ok", "broker": "ok"},
    }
    assert not [path for path in (tmp_path / "images").rglob("*") if path.is_file()]


def test_without_broker_it_is_degraded_and_still_ready(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = f"redis://{NOBODY}/0"
    with whole_application(database_url, tmp_path, monkeypatch, BROKER_URL=broker) as app:
        answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "degraded"
    assert answer.json["checks"]["broker"] == "unreachable"


def test_without_database_it_is_alive_and_not_ready(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = f"postgresql+psycopg://secret-user@{NOBODY}/none"
    with whole_application(nowhere, tmp_path, monkeypatch, BROKER_URL=redis_url) as app:
        client = app.test_client()
        assert client.get("/healthz").json == {"status": "alive"}
        assert list(_errors(client)) == ["database"]
        assert "secret-user" not in client.get("/readyz").text


def test_a_schema_of_another_version_is_not_ready(client: FlaskClient, database_url: str) -> None:
    downgrade(database_url, "base")
    assert _errors(client) == {"schema": "Run dermtriage migrate."}


def test_a_database_without_tables_is_not_ready(
    empty_database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with whole_application(empty_database_url, tmp_path, monkeypatch, BROKER_URL=redis_url) as app:
        assert list(_errors(app.test_client())) == ["schema"]


def test_an_image_store_that_cannot_be_written_is_not_ready(client: FlaskClient, tmp_path: Path) -> None:
    # A file where the folder should be refuses root too, whom permissions do not stop.
    (tmp_path / "images").write_text("in the way")
    assert list(_errors(client)) == ["image_store"]


def test_both_are_open_to_all(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200

"""The application with the doors of intake on a fresh database and an image folder, and keys to it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from urllib3.filepost import encode_multipart_formdata
from werkzeug.test import TestResponse

from db.ids import new_id
from db.models import Platform
from dermtriage.app import create_app
from dermtriage.settings import load_settings
from tests.factories import make_platform
from tests.intake.pictures import jpeg
from triage import example_clinical
from web.access import SCOPES, Scope
from web.credentials import create_api_key
from web.services import EXTENSION


@dataclass
class Wakes:
    """How often the workers and the deliveries were woken."""

    workers: int = 0
    deliveries: int = 0

    def work(self) -> None:
        self.workers += 1

    def deliver(self) -> None:
        self.deliveries += 1


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    return tmp_path / "images"


@pytest.fixture
def app(
    database_url: str, image_folder: Path, wakes: Wakes, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", image_folder.as_uri())
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests")
    app = create_app(load_settings(), wake_up=wakes.work, wake_deliveries=wakes.deliver)
    yield app
    app.extensions[EXTENSION].sessions.kw["bind"].dispose()


@dataclass
class PlatformClient:
    """A platform's program: one key, and the requests that it makes."""

    client: FlaskClient
    platform_id: UUID
    key: str
    headers: dict[str, str] = field(default_factory=dict)

    def auth(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", **more}

    def submit(
        self,
        clinical: dict[str, Any] | str | None = None,
        images: list[bytes] | None = None,
        key: str | None = "",
        path: str = "/v1/cases",
        **fields: Any,
    ) -> TestResponse:
        """Submit the example case, or what the test says; `key=None` sends no Idempotency-Key."""
        case = example_clinical() if clinical is None else clinical
        files = [jpeg()] if images is None else images
        form = {"case": case if isinstance(case, str | None) else json.dumps(case), **fields}
        parts = [(name, value) for name, value in form.items() if value is not None]
        parts += [("images", (f"photo{number}.jpg", data)) for number, data in enumerate(files)]
        body, content_type = encode_multipart_formdata(parts)
        headers = {} if key is None else {"Idempotency-Key": key or str(new_id())}
        return self.client.post(path, data=body, headers=self.auth(**headers), content_type=content_type)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.auth())

    def post(self, path: str) -> TestResponse:
        return self.client.post(path, headers=self.auth())

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(path, headers=self.auth())


@pytest.fixture
def platform(session: Session) -> Platform:
    return make_platform(session)


@pytest.fixture
def new_client(app: Flask, session: Session) -> Callable[..., PlatformClient]:
    """A client for a platform, with all scopes unless told otherwise."""

    def make(platform: Platform, *scopes: Scope) -> PlatformClient:
        key = create_api_key(session, platform.id, "test", list(scopes or SCOPES))
        session.commit()
        return PlatformClient(app.test_client(), platform.id, key)

    return make


@pytest.fixture
def clinic(platform: Platform, new_client: Callable[..., PlatformClient]) -> PlatformClient:
    """A platform with a key that may do everything."""
    return new_client(platform)


@pytest.fixture
def stranger(session: Session, new_client: Callable[..., PlatformClient]) -> PlatformClient:
    """Another platform."""
    return new_client(make_platform(session, "another-platform"))


@pytest.fixture
def stored_files(image_folder: Path) -> Callable[[], list[Path]]:
    """The photographs that lie in the folder."""
    return lambda: sorted(path for path in image_folder.rglob("*") if path.is_file())

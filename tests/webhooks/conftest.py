"""A platform with an outbox, a receiver, a key, and the application."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from db.models import Platform
from db.session import SessionFactory, make_sessions
from dermtriage.app import create_app
from dermtriage.settings import load_settings
from tests.webhooks.doors import key_of
from tests.webhooks.outbox import Outbox
from tests.webhooks.receiver import Receiver, receiving
from web.services import EXTENSION
from webhooks.settings import WebhooksSettings


@pytest.fixture
def sessions(engine: Engine) -> SessionFactory:
    return make_sessions(engine)


@pytest.fixture
def settings() -> WebhooksSettings:
    """Loopback allowed, no chance in the schedule, little patience."""
    return WebhooksSettings(webhooks_allow_private_addresses=True, webhooks_jitter=0, webhooks_timeout_s=5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def outbox(sessions: SessionFactory, settings: WebhooksSettings) -> Outbox:
    return Outbox(sessions, settings)


@pytest.fixture
def woken() -> list[str]:
    """Grows by each wake-up of the deliverers."""
    return []


@pytest.fixture
def environment(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", tmp_path.as_uri())
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests")
    monkeypatch.setenv("WEBHOOKS_MAX_ENDPOINTS", "3")
    return monkeypatch


def running(woken: list[str]) -> Iterator[FlaskClient]:
    app = create_app(load_settings(), wake_deliveries=lambda: woken.append("woken"))
    yield app.test_client()
    app.extensions[EXTENSION].sessions.kw["bind"].dispose()


@pytest.fixture
def client(environment: pytest.MonkeyPatch, woken: list[str]) -> Iterator[FlaskClient]:
    """Set up for local use: loopback and http are allowed."""
    environment.setenv("WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "true")
    yield from running(woken)


@pytest.fixture
def strict_client(environment: pytest.MonkeyPatch, woken: list[str]) -> Iterator[FlaskClient]:
    """Set up as in production."""
    environment.delenv("WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", raising=False)
    yield from running(woken)


@pytest.fixture
def ours(outbox: Outbox) -> dict[str, str]:
    return key_of(outbox.sessions, outbox.platform_id)


@pytest.fixture
def stranger(outbox: Outbox) -> dict[str, str]:
    with outbox.sessions.begin() as session:
        platform = Platform(name="Stranger")
        session.add(platform)
    return key_of(outbox.sessions, platform.id)

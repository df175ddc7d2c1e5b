"""The whole application as the front door composes it, for tests that need all rooms or their pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from dermtriage.app import create_app
from dermtriage.settings import load_settings
from web.services import EXTENSION


@contextmanager
def whole_application(
    database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **environment: str
) -> Iterator[Flask]:
    """An application on a database and an image folder, with the settings that a test cares about."""
    required = {
        "DATABASE_URL": database_url,
        "IMAGE_STORE_URL": folder.as_uri(),
        "SECRET_KEY": "a secret of the tests",
    }
    for name, value in {**required, **environment}.items():
        monkeypatch.setenv(name, value)
    app = create_app(load_settings())
    try:
        yield app
    finally:
        app.extensions[EXTENSION].sessions.kw["bind"].dispose()

"""The whole application, a platform's key, a clinician's token; counts are written straight to the table."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from db.ids import now
from db.models import ClinicianSession, SurveillanceCount
from dermtriage.app import create_app
from dermtriage.settings import load_settings
from tests.factories import make_clinician, make_platform
from web.access import SESSION_COOKIE
from web.credentials import create_api_key, new_token
from web.services import EXTENSION

Cells = dict[tuple[str, str, str, str], int]


@pytest.fixture
def client(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", tmp_path.as_uri())
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests")
    app = create_app(load_settings())
    yield app.test_client()
    app.extensions[EXTENSION].sessions.kw["bind"].dispose()


@pytest.fixture
def count_cells(session: Session) -> Callable[[Cells], None]:
    """Writes (week, region, condition, status) -> count."""

    def write(cells: Cells) -> None:
        for (week, region, condition, status), count in cells.items():
            session.add(
                SurveillanceCount(week=week, region=region, condition=condition, status=status, count=count)
            )
        session.commit()

    return write


@pytest.fixture
def analyst(session: Session) -> dict[str, str]:
    """Headers of a platform's key that may read counts."""
    platform = make_platform(session)
    key = create_api_key(session, platform.id, "analyst", ["surveillance:read"])
    session.commit()
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def clinician_token(session: Session) -> str:
    person = make_clinician(session)
    token, digest = new_token("dts")
    session.add(
        ClinicianSession(clinician_id=person.id, token_sha256=digest, expires_at=now() + timedelta(hours=1))
    )
    session.commit()
    return token


@pytest.fixture
def reader(client: FlaskClient, clinician_token: str) -> FlaskClient:
    """A clinician's browser, signed in."""
    client.set_cookie(SESSION_COOKIE, clinician_token)
    return client

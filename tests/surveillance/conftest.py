"""The whole application, a platform's key, a clinician's token; counts are written straight to the table."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from db.ids import now
from db.models import ClinicianSession, SurveillanceCount
from tests.applications import whole_application
from tests.factories import make_clinician, make_platform
from web.access import SESSION_COOKIE
from web.credentials import create_api_key, new_token

Cells = dict[tuple[str, str, str, str], int]


@pytest.fixture
def client(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    with whole_application(database_url, tmp_path, monkeypatch) as app:
        yield app.test_client()


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

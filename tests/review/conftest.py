"""The application with its two doors for clinicians, a queue to fill, and people who read it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db import further_readings
from db.ids import now
from db.image_store import ImageStore
from db.models import (
    Assessment,
    Case,
    Clinician,
    ClinicianSession,
    FurtherReading,
    ModelVersion,
    Platform,
)
from db.readers import reader_of
from db.session import SessionFactory, make_sessions
from dermtriage.app import create_app
from dermtriage.settings import load_settings
from tests.factories import PASSWORD, make_case, make_platform
from triage import CONDITIONS
from triage.policy import DEFAULT_POLICY
from web.credentials import new_token
from web.services import EXTENSION

LEASE = timedelta(minutes=15)


@pytest.fixture
def sessions(engine: Engine) -> SessionFactory:
    return make_sessions(engine)


def policy_file(folder: Path, **second: Any) -> Path:
    """The default policy without chance: nothing is read blind, and twice only what `second` asks for."""
    policy = yaml.safe_load(DEFAULT_POLICY.read_text(encoding="utf-8"))
    nobody = {"emergency_downgraded": False, "diagnoses": [], "low_agreement_steps": 0, "share": 0}
    policy["readings"] = {"blind": {"share": 0}, "second": nobody | second}
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(policy), encoding="utf-8")
    return path


@pytest.fixture
def second_rules() -> dict[str, Any]:
    """Which decisions another person reads again; a module with tests of that has its own."""
    return {}


@pytest.fixture
def policy_path(tmp_path_factory: pytest.TempPathFactory, second_rules: dict[str, Any]) -> Path:
    return policy_file(tmp_path_factory.mktemp("policy"), **second_rules)


@pytest.fixture
def app(
    database_url: str, tmp_path: Path, policy_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    monkeypatch.setenv("POLICY_FILE", str(policy_path))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", tmp_path.as_uri())
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests")
    app = create_app(load_settings())
    yield app
    app.extensions[EXTENSION].sessions.kw["bind"].dispose()


@pytest.fixture
def images(app: Flask) -> ImageStore:
    store: ImageStore = app.extensions[EXTENSION].images
    return store


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def platform(session: Session) -> Platform:
    return make_platform(session)


@cache
def password_hash() -> str:
    """Made once: argon2 is slow on purpose."""
    return PasswordHasher().hash(PASSWORD)


def add_reader(session: Session, email: str, **fields: Any) -> Clinician:
    """A committed clinician with the factories' password."""
    known = {"name": "Dr Reader", "password_hash": password_hash(), "all_platforms": True}
    clinician = Clinician(email=email, **{**known, **fields})
    session.add(clinician)
    session.commit()
    return clinician


def token_for(session: Session, clinician: Clinician) -> str:
    """The token of a session that the clinician opened."""
    token, digest = new_token("dts")
    ends = now() + timedelta(hours=1)
    session.add(ClinicianSession(clinician_id=clinician.id, token_sha256=digest, expires_at=ends))
    session.commit()
    return token


@pytest.fixture
def reader(session: Session) -> Clinician:
    return add_reader(session, "reader@example.org")


@pytest.fixture
def other_reader(session: Session) -> Clinician:
    return add_reader(session, "second@example.org")


@pytest.fixture
def waiting(session: Session, platform: Platform) -> Callable[..., Case]:
    """Adds a case that the model has read: it awaits review with an AI result for `condition`."""

    def add(condition: str = "mpox", level: str = "urgent", **fields: Any) -> Case:
        cells = [{"condition": condition, "status": "preliminary"}]
        standing = {"status": "awaiting_review", "assess_state": "done", "counted": cells}
        case = make_case(session, platform, level=level, **{**standing, **fields})
        make_assessment(session, case, condition, level)
        return case

    return add


def make_assessment(session: Session, case: Case, condition: str, level: str, **fields: Any) -> Assessment:
    """A committed AI result in which `condition` comes first."""
    version = session.query(ModelVersion).first() or ModelVersion(
        ref="test", revision="0" * 64, provenance={"model": "test"}
    )
    session.add(version)
    session.flush()
    others = [other for other in CONDITIONS if other != condition]
    findings = [{"condition": condition, "probability": 0.82}]
    findings += [{"condition": other, "probability": 0.02} for other in others]
    assessment = Assessment(
        **{
            "case_id": case.id,
            "round": case.round,
            "model_version_id": version.id,
            "findings": findings,
            "classifier": findings,
            "explanation": "Several raised lesions of the hand.",
            "image_quality": [{"gradable": True, "issues": []}],
            "level": level,
            "flags": ["models_disagree"],
            "reasons": [{"rule": "model.suspected_mpox", "text": "The model suspects mpox."}],
            "provenance": {"model": "test", "revision": "0" * 64, "policy_version": "default-1"},
            **fields,
        }
    )
    session.add(assessment)
    session.commit()
    return assessment


class ApiClient:
    """A clinician's program, signed in: sends its token with each request."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token
        self.headers = {"Authorization": f"Bearer {token}"}

    def post(self, address: str, body: dict[str, Any] | None = None) -> Any:
        return self.client.post(address, json=body, headers=self.headers)

    def get(self, address: str) -> Any:
        return self.client.get(address, headers=self.headers)

    def claim(self, case_id: UUID | None = None) -> dict[str, Any]:
        """Claim, which must succeed; the review as answered."""
        answer = self.post("/v1/reviews/claim", {"case_id": str(case_id)} if case_id else None)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json
        return body

    def decide(self, review_id: str, **body: Any) -> Any:
        return self.post(f"/v1/reviews/{review_id}/decision", body)


@pytest.fixture
def api(app: Flask, session: Session, reader: Clinician) -> ApiClient:
    """The first reader's program."""
    return ApiClient(app.test_client(), token_for(session, reader))


@pytest.fixture
def other_api(app: Flask, session: Session, other_reader: Clinician) -> ApiClient:
    """The second reader's program."""
    return ApiClient(app.test_client(), token_for(session, other_reader))


@pytest.fixture
def senior_api(app: Flask, session: Session) -> ApiClient:
    """A senior's program."""
    return ApiClient(
        app.test_client(), token_for(session, add_reader(session, "senior@x.org", role="senior"))
    )


@pytest.fixture
def take(sessions: SessionFactory) -> Callable[[ApiClient, UUID], str]:
    """Takes the further reading that waits for a case, as this person; the id of the review."""

    def claim(api: ApiClient, case_id: UUID) -> str:
        with sessions.begin() as session:
            clinician_id = session.scalars(
                select(ClinicianSession.clinician_id).where(
                    ClinicianSession.token_sha256 == sha256(api.token.encode()).digest()
                )
            ).one()
            waiting = session.scalars(
                select(FurtherReading.id).where(
                    FurtherReading.case_id == case_id, FurtherReading.state == "waiting"
                )
            ).one()
            reader = reader_of(session, clinician_id)
            review_id = further_readings.claim(session, reader, waiting, now(), LEASE)
            assert review_id is not None, "this person may not take it"
            return str(review_id)

    return claim


@pytest.fixture
def stored(sessions: SessionFactory) -> Callable[[UUID], Case]:
    """Reads a case anew from the database."""

    def read(case_id: UUID) -> Case:
        with sessions() as session:
            case = session.get(Case, case_id)
            assert case is not None
            return case

    return read


@pytest.fixture
def end_lease(session: Session) -> Callable[[UUID], None]:
    """Makes the lease of a case end, as if its time had passed."""

    def end(case_id: UUID) -> None:
        case = session.get(Case, case_id, populate_existing=True)
        assert case is not None
        case.review_until = now() - timedelta(seconds=1)
        session.commit()

    return end

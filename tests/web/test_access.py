"""Who may call what: a table of credentials against a table of routes; what declares nothing is refused."""

from datetime import timedelta

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.ids import now
from db.image_store import ImageStore
from db.models import ApiKey, Clinician, ClinicianSession
from db.session import make_sessions
from tests.factories import make_clinician, make_platform
from web.access import SESSION_COOKIE, caller, clinician, public, scope
from web.credentials import create_api_key, new_token
from web.grants import GRANTED
from web.services import Services, attach_services
from web.settings import WebSettings
from web.setup import csrf, set_up_web


def bare_application(engine: Engine, settings: WebSettings) -> Flask:
    """An application with what all rooms share, and no room."""
    app = Flask("test")
    app.config["SECRET_KEY"] = "test"
    nothing = lambda: None  # noqa: E731
    given = {"web": settings}
    attach_services(
        app, Services(make_sessions(engine), ImageStore("memory://web"), None, None, nothing, nothing, given)
    )
    set_up_web(app)
    return app


@pytest.fixture
def app(engine: Engine) -> Flask:
    app = bare_application(engine, WebSettings())

    @app.get("/open")
    @public
    def open_to_all() -> str:
        return "open"

    @app.get("/platforms")
    @scope("cases:read")
    def for_platforms() -> str:
        return str(caller().platform_id)

    @app.get("/clinicians")
    @clinician
    def for_clinicians() -> str:
        return caller().actor

    @app.get("/forgotten")
    def without_declaration() -> str:
        return "never reached"

    @app.get("/fails")
    @public
    def fails() -> str:
        raise RuntimeError("patient 4711 wrote this")

    return app


@pytest.fixture(autouse=True)
def granted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table opens the clinicians' route of this file to one role."""
    monkeypatch.setitem(GRANTED, "for_clinicians", frozenset({"clinician"}))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _session_token(session: Session, person: Clinician, **fields: object) -> str:
    token, digest = new_token("dts")
    lasting = {"expires_at": now() + timedelta(hours=1), **fields}
    session.add(ClinicianSession(clinician_id=person.id, token_sha256=digest, **lasting))
    session.commit()
    return token


@pytest.fixture
def credentials(session: Session) -> dict[str, str]:
    platform = make_platform(session)
    person = make_clinician(session)
    reader = create_api_key(session, platform.id, "reader", ["cases:read"])
    writer = create_api_key(session, platform.id, "writer", ["cases:write"])
    revoked = create_api_key(session, platform.id, "revoked", ["cases:read"])
    session.flush()
    session.query(ApiKey).filter_by(name="revoked").one().revoked_at = now() - timedelta(seconds=1)
    session.commit()
    return {
        "nothing": "",
        "reader": reader,
        "writer": writer,
        "revoked": revoked,
        "unknown": "dtk_guess",
        "clinician": _session_token(session, person),
        "expired": _session_token(session, person, expires_at=now() - timedelta(seconds=1)),
        "signed out": _session_token(session, person, revoked_at=now()),
    }


@pytest.mark.parametrize(
    ("credential", "on_platforms", "on_clinicians"),
    [
        ("nothing", 401, 401),
        ("reader", 200, 403),
        ("writer", 403, 403),
        ("revoked", 401, 401),
        ("unknown", 401, 401),
        ("clinician", 403, 200),
        ("expired", 401, 401),
        ("signed out", 401, 401),
    ],
)
def test_each_route_opens_to_what_it_declares_only(
    client: FlaskClient, credentials: dict[str, str], credential: str, on_platforms: int, on_clinicians: int
) -> None:
    token = credentials[credential]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    assert client.get("/platforms", headers=headers).status_code == on_platforms
    assert client.get("/clinicians", headers=headers).status_code == on_clinicians
    assert client.get("/open", headers=headers).status_code == 200


def test_a_disabled_clinician_is_refused(
    client: FlaskClient, credentials: dict[str, str], session: Session
) -> None:
    session.query(Clinician).one().disabled_at = now()
    session.commit()
    headers = {"Authorization": f"Bearer {credentials['clinician']}"}
    assert client.get("/clinicians", headers=headers).status_code == 401


def test_a_route_that_declares_nothing_is_refused_to_everybody(
    client: FlaskClient, credentials: dict[str, str]
) -> None:
    for token in credentials.values():
        assert client.get("/forgotten", headers={"Authorization": f"Bearer {token}"}).status_code == 404


def test_the_api_takes_no_cookie(client: FlaskClient, credentials: dict[str, str]) -> None:
    client.set_cookie(SESSION_COOKIE, credentials["clinician"])
    assert client.get("/clinicians").status_code == 401


def test_every_error_is_a_problem_document_with_a_remedy(client: FlaskClient) -> None:
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/platforms", 401),
        ("TRACE", "/open", 405),
        ("GET", "/fails", 500),
    ):
        answer = client.open(path, method=method)
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert {"type", "title", "status", "detail"} <= set(answer.json)


def test_a_surprise_is_answered_and_logged_without_its_text(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.get("/fails")
    logged = capsys.readouterr().out
    assert b"4711" not in answer.data
    assert "request_failed" in logged
    assert "RuntimeError" in logged
    assert "4711" not in logged


def test_pages_forms_need_their_token(app: Flask, client: FlaskClient) -> None:
    @app.post("/form")
    @public
    def form() -> str:
        return "taken"

    assert client.post("/form").status_code == 400
    csrf.exempt(form)
    assert client.post("/form").status_code == 200


def test_answers_carry_the_headers_that_keep_a_browser_safe(client: FlaskClient) -> None:
    headers = client.get("/open").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "192.0.2.7")])
def test_the_callers_address_is_taken_from_as_many_proxies_as_are_trusted(
    engine: Engine, proxies: int, seen: str
) -> None:
    app = bare_application(engine, WebSettings(trusted_proxies=proxies))

    @app.get("/who")
    @public
    def who() -> str:
        return f"{request.remote_addr} {request.scheme}"

    headers = {"X-Forwarded-For": "198.51.100.1, 192.0.2.7", "X-Forwarded-Proto": "https"}
    text = app.test_client().get("/who", headers=headers).text
    assert text == f"{seen} {'https' if proxies else 'http'}"

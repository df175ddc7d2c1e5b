"""Clinicians sign in and out; wrong credentials tell nothing; bearer and cookie never replace each other."""

from hashlib import sha256

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, ClinicianSession, Platform
from tests.factories import PASSWORD
from tests.review.conftest import ApiClient
from web.access import SESSION_COOKIE
from web.credentials import create_api_key, create_clinician


def test_a_token_is_answered_once_and_only_its_hash_is_stored(
    client: FlaskClient, reader: Clinician, session: Session
) -> None:
    answer = client.post("/v1/sessions", json={"email": "Reader@Example.org ", "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["token"].startswith("dts_")
    stored = session.scalars(select(ClinicianSession)).one()
    assert stored.token_sha256 == sha256(answer.json["token"].encode()).digest()
    assert stored.clinician_id == reader.id
    assert 11.9 < (stored.expires_at - now()).total_seconds() / 3600 <= 12
    assert "Set-Cookie" not in answer.headers


def test_a_password_is_taken_letter_by_letter(client: FlaskClient, session: Session) -> None:
    create_clinician(session, "spaces@example.org", "Dr Spaces", " two spaces ")
    session.commit()
    for password, status in ((" two spaces ", 201), ("two spaces", 401), (" TWO SPACES ", 401)):
        answer = client.post("/v1/sessions", json={"email": "spaces@example.org", "password": password})
        assert answer.status_code == status


@pytest.mark.parametrize("email", ["reader@example.org", "nobody@example.org"])
def test_wrong_credentials_are_refused_alike(client: FlaskClient, reader: Clinician, email: str) -> None:
    answer = client.post("/v1/sessions", json={"email": email, "password": "wrong"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["detail"].startswith("E-mail address or password is wrong")


def test_a_disabled_clinician_cannot_sign_in(
    client: FlaskClient, reader: Clinician, session: Session
) -> None:
    reader.disabled_at = now()
    session.commit()
    answer = client.post("/v1/sessions", json={"email": reader.email, "password": PASSWORD})
    assert answer.status_code == 401


def test_after_signing_out_the_token_is_worth_nothing(api: ApiClient) -> None:
    assert api.client.delete("/v1/sessions", headers=api.headers).status_code == 204
    assert api.post("/v1/reviews/claim").status_code == 401


def test_an_ended_session_is_worth_nothing(api: ApiClient, session: Session) -> None:
    session.scalars(select(ClinicianSession)).one().expires_at = now()
    session.commit()
    assert api.post("/v1/reviews/claim").status_code == 401


DOORS = [
    ("DELETE", "/v1/sessions"),
    ("POST", "/v1/reviews/claim"),
    ("GET", "/v1/reviews/01900000-0000-7000-8000-000000000000"),
    ("GET", "/v1/reviews/01900000-0000-7000-8000-000000000000/images/0"),
    ("POST", "/v1/reviews/01900000-0000-7000-8000-000000000000/release"),
    ("POST", "/v1/reviews/01900000-0000-7000-8000-000000000000/decision"),
]


@pytest.mark.parametrize(("method", "address"), DOORS)
def test_the_api_takes_no_cookie_and_no_platforms_key(
    client: FlaskClient, api: ApiClient, platform: Platform, session: Session, method: str, address: str
) -> None:
    token = api.headers["Authorization"].removeprefix("Bearer ")
    key = create_api_key(session, platform.id, "all", ["cases:read", "cases:write", "cases:preliminary"])
    session.commit()

    assert client.open(address, method=method).status_code == 401
    client.set_cookie(SESSION_COOKIE, token)
    assert client.open(address, method=method).status_code == 401
    answer = client.open(address, method=method, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 403


@pytest.mark.parametrize("body", [b"{", b"not json"])
def test_a_body_that_is_not_json_is_a_bad_request(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/v1/sessions", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("email", ["a\x00@example.org", "a\ud800@example.org", 7, None, [], "x" * 300])
def test_an_address_that_no_database_can_hold_is_refused(client: FlaskClient, email: object) -> None:
    answer = client.post("/v1/sessions", json={"email": email, "password": "x"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == ["email"]


def test_a_missing_and_an_unknown_field_are_named(client: FlaskClient) -> None:
    answer = client.post("/v1/sessions", json={"email": "a@example.org", "pasword": "x"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert {error["field"] for error in answer.json["errors"]} == {"password", "pasword"}
    assert all(error["remedy"] for error in answer.json["errors"])


def test_every_route_of_the_room_declares_who_may_call_it(client: FlaskClient) -> None:
    views = client.application.view_functions
    ours = {name: view for name, view in views.items() if name.startswith(("reviews.", "review_pages."))}
    undeclared = [name for name, view in ours.items() if not hasattr(view, "access")]
    assert undeclared == ["review_pages.static"]

"""Sessions of pages: tokens are replaced from time to time, and who goes away is signed out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, ClinicianSession
from db.session import SessionFactory
from tests.review.conftest import ApiClient, token_for
from web.access import SESSION_COOKIE, page
from web.grants import EVERYBODY, GRANTED
from web.sessions import OVERLAP, PAGE, end_all_sessions, open_session, replace_token

QUEUE, SIGN_IN = "/review/", "/review/sign-in"


@pytest.fixture
def token(session: Session, reader: Clinician, client: FlaskClient) -> str:
    """The token of a page session that the client's browser holds."""
    token = open_session(session, reader.id, PAGE, now() + timedelta(hours=1))
    session.commit()
    client.set_cookie(SESSION_COOKIE, token)
    return token


@pytest.fixture
def age(session: Session) -> Callable[..., None]:
    """Sets moments of the one session, as if time had passed."""

    def set_moments(**moments: Any) -> None:
        session.execute(update(ClinicianSession).values(**moments))
        session.commit()

    return set_moments


@pytest.fixture
def is_open(app: Flask) -> Callable[[str], bool]:
    """Whether a browser with this token sees the queue."""

    def look(token: str) -> bool:
        browser = app.test_client()
        browser.set_cookie(SESSION_COOKIE, token)
        return browser.get(QUEUE).status_code == 200

    return look


def held(client: FlaskClient) -> str:
    """The token in the client's browser."""
    cookie = client.get_cookie(SESSION_COOKIE)
    assert cookie
    return cookie.value


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_a_young_token_stays(client: FlaskClient, token: str, age: Callable[..., None]) -> None:
    age(rotated_at=now() - minutes(14))
    client.get(QUEUE)
    assert held(client) == token


def test_an_old_token_is_replaced_and_the_old_one_is_taken_for_a_minute_more(
    client: FlaskClient, token: str, age: Callable[..., None], is_open: Callable[[str], bool]
) -> None:
    age(rotated_at=now() - minutes(16))
    answer = client.get(QUEUE)
    assert answer.status_code == 200
    new = held(client)
    assert new != token
    assert new.startswith("dtp_")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(SESSION_COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert is_open(token), "requests that were under way"
    age(rotated_at=now() - OVERLAP)
    assert not is_open(token)
    assert is_open(new)


def test_the_token_before_never_makes_another(
    client: FlaskClient, token: str, age: Callable[..., None]
) -> None:
    age(rotated_at=now() - minutes(16))
    client.get(QUEUE)
    client.set_cookie(SESSION_COOKIE, token)
    client.get(QUEUE)
    assert held(client) == token


def test_of_two_requests_at_once_one_replaces_the_token(sessions: SessionFactory, token: str) -> None:
    assert replace_token(sessions, token)
    assert replace_token(sessions, token) is None


def test_a_photograph_replaces_no_token(
    app: Flask, client: FlaskClient, token: str, age: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    @app.get("/picture")
    @page
    def picture() -> Response:
        return Response(b"", mimetype="image/png")

    monkeypatch.setitem(GRANTED, "picture", EVERYBODY)
    age(rotated_at=now() - minutes(16))
    assert client.get("/picture").status_code == 200
    assert held(client) == token


def test_a_queue_that_asks_for_itself_proves_nobodys_presence_and_leads_to_the_sign_in(
    client: FlaskClient, token: str, age: Callable[..., None]
) -> None:
    by_the_clock = {"HX-Request": "true", "HX-Trigger": "live"}
    age(seen_at=now() - minutes(29))
    assert client.get(QUEUE, headers=by_the_clock).status_code == 200
    age(seen_at=ClinicianSession.seen_at - minutes(1))
    answer = client.get(QUEUE, headers=by_the_clock)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{SIGN_IN}?next=/review/")


def test_a_programs_token_stays_as_it_is(
    app: Flask, session: Session, reader: Clinician, age: Callable[..., None]
) -> None:
    api = ApiClient(app.test_client(), token_for(session, reader))
    age(rotated_at=now() - timedelta(hours=11), seen_at=now() - timedelta(hours=11))
    answer = api.post("/v1/reviews/claim")
    assert answer.status_code == 204
    assert "Set-Cookie" not in answer.headers
    assert api.post("/v1/reviews/claim").status_code == 204


def test_a_pages_token_is_no_bearer(client: FlaskClient, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    assert client.post("/v1/reviews/claim", headers=headers).status_code == 401


def test_who_opened_no_page_for_half_an_hour_signs_in_again(
    client: FlaskClient, token: str, age: Callable[..., None]
) -> None:
    age(seen_at=now() - minutes(29))
    assert client.get(QUEUE).status_code == 200
    age(seen_at=now() - minutes(30))
    answer = client.get(QUEUE)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{SIGN_IN}?next=/review/")


def test_a_page_counts_as_seen_at_most_once_a_minute(
    client: FlaskClient, token: str, age: Callable[..., None], session: Session, app: Flask
) -> None:
    written: list[str] = []

    def note(*execution: Any) -> None:
        if execution[2].startswith("UPDATE clinician_sessions"):
            written.append(execution[2])

    engine = app.extensions["dermtriage"].sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note)
    age(seen_at=now() - minutes(5))
    for _ in range(4):
        client.get(QUEUE)
    assert len(written) == 1
    assert session.scalars(select(ClinicianSession.seen_at)).one() > now() - minutes(1)


def test_the_absolute_end_comes_whatever_was_opened(
    client: FlaskClient, token: str, age: Callable[..., None]
) -> None:
    age(expires_at=now())
    assert client.get(QUEUE).status_code == 302


def test_a_person_is_signed_out_everywhere_but_where_they_are(
    session: Session, reader: Clinician, other_reader: Clinician, is_open: Callable[[str], bool]
) -> None:
    ends = now() + timedelta(hours=1)
    here, there = (open_session(session, reader.id, PAGE, ends) for _ in range(2))
    others = open_session(session, other_reader.id, PAGE, ends)
    session.flush()
    query = select(ClinicianSession.id).where(ClinicianSession.clinician_id == reader.id)
    end_all_sessions(session, reader.id, but=session.scalars(query.order_by(ClinicianSession.id)).first())
    session.commit()
    assert [is_open(token) for token in (here, there, others)] == [True, False, True]
    end_all_sessions(session, reader.id)
    session.commit()
    assert [is_open(token) for token in (here, there, others)] == [False, False, True]

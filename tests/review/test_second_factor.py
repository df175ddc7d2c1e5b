"""Signing in with a second factor: nothing opens before the code, and each code counts once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, ClinicianSession, FailedSignIn
from tests.applications import whole_application
from tests.factories import PASSWORD
from tests.review.conftest import ApiClient, add_reader, token_for
from tests.review.test_pages import Browser
from web.access import SESSION_COOKIE
from web.second_factor import STEP_SECONDS, accept_code, enrolment_address, qr_code, step_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def enrolled(session: Session, reader: Clinician) -> Clinician:
    """The reader, with a second factor."""
    reader.totp_secret, reader.totp_confirmed_at = SECRET, now()
    session.commit()
    return reader


@pytest.fixture
def fresh(app: Flask) -> Browser:
    """A browser in which nobody is signed in, before the sign-in page."""
    browser = Browser(app.test_client())
    browser.open("/review/sign-in")
    return browser


def code(steps: int = 0, secret: str = SECRET) -> str:
    """The code of now, or of some steps away."""
    return pyotp.TOTP(secret).generate_otp(int(now().timestamp()) // STEP_SECONDS + steps)


def wrong_code() -> str:
    """A code that none of the steps around now has."""
    near = {code(steps) for steps in range(-3, 4)}
    return next(each for each in (f"{number:06}" for number in range(10)) if each not in near)


def sign_in(browser: Browser, email: str, **form: object) -> tuple[int, str]:
    return browser.send("/review/sign-in", email=email, password=PASSWORD, **form)


# RFC 6238, appendix B: SHA-1 with the secret "12345678901234567890", the last six digits.
RFC_6238 = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.mark.parametrize(("seconds", "digits"), RFC_6238)
def test_codes_are_those_of_the_standard(seconds: int, digits: str) -> None:
    secret, at = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", datetime.fromtimestamp(seconds, UTC)
    assert step_of(secret, digits, at) == seconds // STEP_SECONDS
    for drift, counts in ((-60, False), (-30, True), (30, True), (60, False)):
        assert (step_of(secret, digits, at + timedelta(seconds=drift)) is not None) is counts


@pytest.mark.parametrize("nonsense", ["", "12345", "abcdef", "١٢٣٤٥٦", "\x00", "1234567"])
def test_what_is_no_code_counts_for_nothing(nonsense: str) -> None:
    assert step_of(SECRET, nonsense, now()) is None


def test_spaces_within_a_code_do_not_matter() -> None:
    digits = code()
    assert step_of(SECRET, f" {digits[:3]} {digits[3:]} ", now()) is not None


def test_a_code_counts_once_and_no_older_one_after_it(session: Session, enrolled: Clinician) -> None:
    at = now()
    present = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(SECRET)
    assert accept_code(session, enrolled.id, totp.generate_otp(present), at)
    assert not accept_code(session, enrolled.id, totp.generate_otp(present), at)
    assert not accept_code(session, enrolled.id, totp.generate_otp(present - 1), at)
    assert accept_code(session, enrolled.id, totp.generate_otp(present + 1), at)


def test_a_program_needs_the_code_and_is_told_so(client: FlaskClient, enrolled: Clinician) -> None:
    def attempt(**body: Any) -> Any:
        return client.post("/v1/sessions", json={"email": enrolled.email, "password": PASSWORD, **body})

    for body in ({}, {"code": wrong_code()}):
        answer = attempt(**body)
        assert answer.status_code == 401
        assert [error["field"] for error in answer.json["errors"]] == ["code"]
    token = attempt(code=code()).json["token"]
    assert ApiClient(client, token).post("/v1/reviews/claim").status_code == 204


def test_a_wrong_password_is_refused_before_any_code_is_looked_at(
    client: FlaskClient, enrolled: Clinician, session: Session
) -> None:
    body = {"email": enrolled.email, "password": "wrong", "code": code()}
    answer = client.post("/v1/sessions", json=body)
    assert answer.status_code == 401
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == ["password"]
    session.refresh(enrolled)
    assert enrolled.totp_last_step is None


def test_on_the_pages_nothing_opens_between_password_and_code(
    fresh: Browser, enrolled: Clinician, session: Session
) -> None:
    sign_in(fresh, enrolled.email, next="/surveillance/")
    assert "Six digits" in fresh.text
    assert "Surveillance" not in fresh.text, "no navigation yet"
    half_open = session.scalars(select(ClinicianSession)).one()
    assert half_open.second_factor_at is None
    assert half_open.expires_at < now() + timedelta(minutes=11)
    for address in ("/review/", "/review/me", "/review/home", "/review/me/second-factor", "/surveillance/"):
        answer = fresh.client.get(address)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/review/code")
    before = fresh.client.get_cookie(SESSION_COOKIE)
    status, address = fresh.send("/review/code", follow=False, code=code(), next="/surveillance/")
    assert (status, address) == (302, "/surveillance/")
    after = fresh.client.get_cookie(SESSION_COOKIE)
    assert before
    assert after
    assert before.value != after.value
    fresh.open("/review/")
    fresh.client.set_cookie(SESSION_COOKIE, before.value)
    assert fresh.client.get("/review/").headers["Location"].startswith("/review/sign-in"), "worth nothing"


def test_the_half_open_session_can_be_given_up(fresh: Browser, enrolled: Clinician, session: Session) -> None:
    sign_in(fresh, enrolled.email)
    fresh.send("/review/sign-out")
    assert session.scalars(select(ClinicianSession)).one().revoked_at is not None


def test_wrong_codes_are_limited_like_passwords_and_apart_from_them(
    fresh: Browser, enrolled: Clinician, session: Session
) -> None:
    sign_in(fresh, enrolled.email)
    for _ in range(10):
        assert fresh.send("/review/code", code=wrong_code())[0] == 401
    status, text = fresh.send("/review/code", code=code())
    assert status == 429
    assert "then try again" in text
    assert len(session.scalars(select(FailedSignIn)).all()) == 10
    other = Browser(fresh.client.application.test_client())
    other.open("/review/sign-in")
    assert "Six digits" in sign_in(other, enrolled.email)[1], "the password still counts"


def test_a_person_enrols_by_the_picture_and_a_first_code(
    app: Flask, reader: Clinician, session: Session
) -> None:
    browser, elsewhere = Browser(app.test_client()), token_for(session, reader)
    browser.open("/review/sign-in")
    sign_in(browser, reader.email)
    browser.open("/review/me")
    assert "Set up the second factor" in browser.text
    browser.open("/review/me/second-factor")
    browser.send("/review/me/second-factor")
    session.refresh(reader)
    assert reader.totp_secret
    assert reader.totp_secret in browser.text
    assert "data:image/svg" in browser.text
    assert reader.totp_confirmed_at is None, "nothing is needed before it is confirmed"
    assert browser.send("/review/me/second-factor/confirm", code=wrong_code())[0] == 401
    browser.send("/review/me/second-factor/confirm", code=code(secret=reader.totp_secret))
    assert "From now on you need a code" in browser.text
    session.refresh(reader)
    assert reader.totp_confirmed_at
    assert "Review queue" in browser.open("/review/"), "this session goes on"
    assert ApiClient(app.test_client(), elsewhere).post("/v1/reviews/claim").status_code == 401
    assert reader.totp_secret not in browser.open("/review/me/second-factor"), "never shown again"


def test_beginning_again_never_replaces_a_second_factor_that_counts(
    app: Flask, enrolled: Clinician, session: Session
) -> None:
    browser = Browser(app.test_client())
    browser.open("/review/sign-in")
    sign_in(browser, enrolled.email)
    browser.send("/review/code", code=code())
    browser.send("/review/me/second-factor")
    session.refresh(enrolled)
    assert enrolled.totp_secret == SECRET


def test_the_picture_holds_the_secret_under_the_persons_name() -> None:
    address = enrolment_address(SECRET, "reader@example.org")
    assert address.startswith("otpauth://totp/dermtriage:reader")
    assert f"secret={SECRET}" in address
    picture = unquote(qr_code(address))
    assert picture.startswith("data:image/svg+xml")
    assert "<script" not in picture


@pytest.fixture
def strict(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """An application in which clinicians must have a second factor."""
    return lambda: whole_application(
        database_url, tmp_path, monkeypatch, SECOND_FACTOR_ROLES="clinician, administrator"
    )


def test_whose_role_needs_it_is_led_to_enrolment_first(strict: Callable[[], Any], session: Session) -> None:
    reader = add_reader(session, "reader@example.org")
    token = token_for(session, reader)
    with strict() as app:
        browser = Browser(app.test_client())
        browser.open("/review/sign-in")
        sign_in(browser, reader.email)
        assert "Your role needs a second factor" in browser.text
        for address in ("/review/", "/review/me", "/surveillance/"):
            location = browser.client.get(address).headers["Location"]
            assert location.startswith("/review/me/second-factor")
        api = app.test_client()
        assert ApiClient(api, token).post("/v1/reviews/claim").status_code == 403
        answer = api.post("/v1/sessions", json={"email": reader.email, "password": PASSWORD})
        assert answer.status_code == 403
        assert "second factor" in answer.json["detail"]
        browser.send("/review/me/second-factor")
        session.refresh(reader)
        assert reader.totp_secret
        browser.send("/review/me/second-factor/confirm", code=code(secret=reader.totp_secret))
        assert "Review queue" in browser.open("/review/")


def test_a_role_that_is_not_named_needs_none(strict: Callable[[], Any], session: Session) -> None:
    senior = add_reader(session, "senior@example.org")
    senior.role = "senior"
    session.commit()
    with strict() as app:
        browser = Browser(app.test_client())
        browser.open("/review/sign-in")
        assert "Review queue" in sign_in(browser, senior.email)[1]

"""Who guesses is slowed down; nobody can use that to lock another person out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, FailedSignIn
from db.session import SessionFactory
from review.failed_sign_ins import BROWSER, MANY, WINDOW, Attempt, count_attempt, origin_of, who_is_meant
from review.known_browser import BROWSER_COOKIE
from tests.factories import PASSWORD
from tests.review.test_pages import TOKEN
from web.problem import Problem

LIMIT = 10
STRANGER, HOME = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def used_up(session: Session) -> Callable[..., None]:
    """Writes failures, as if they had been tried."""

    def write(email: str, times: int, origin: str, ago: timedelta = timedelta(0)) -> None:
        who, at = who_is_meant(email), now() - ago
        session.add_all(FailedSignIn(who_sha256=who, origin=origin, at=at) for _ in range(times))
        session.commit()

    return write


def attempt(client: FlaskClient, email: str, password: str, address: str) -> int:
    """The answer's status to a program that signs in."""
    body = {"email": email, "password": password}
    answer = client.post("/v1/sessions", json=body, environ_base={"REMOTE_ADDR": address})
    return answer.status_code


def on_page(client: FlaskClient, email: str, password: str, address: str) -> int:
    """The answer's status to a browser that signs in."""
    origin = {"REMOTE_ADDR": address}
    text = client.get("/review/sign-in", environ_base=origin).text
    data = {"email": email, "password": password, "csrf_token": TOKEN.findall(text)[0]}
    return client.post("/review/sign-in", data=data, environ_base=origin).status_code


def test_after_many_wrong_passwords_an_address_waits_and_any_other_does_not(
    client: FlaskClient, reader: Clinician, used_up: Callable[..., None]
) -> None:
    used_up(reader.email, LIMIT - 1, STRANGER)
    assert attempt(client, reader.email, "wrong", STRANGER) == 401
    assert attempt(client, reader.email, PASSWORD, STRANGER) == 429
    assert attempt(client, reader.email, PASSWORD, HOME) == 201


def test_the_answer_says_how_long_to_wait(
    client: FlaskClient, reader: Clinician, used_up: Callable[..., None]
) -> None:
    used_up(reader.email, LIMIT, STRANGER, ago=WINDOW - timedelta(minutes=5))
    body = {"email": reader.email, "password": PASSWORD}
    answer = client.post("/v1/sessions", json=body, environ_base={"REMOTE_ADDR": STRANGER})
    assert answer.status_code == 429
    assert 290 < int(answer.headers["Retry-After"]) <= 301
    assert answer.json is not None
    assert "Wait 5 min" in answer.json["detail"]


def test_when_the_time_has_passed_the_address_may_try_again_and_old_counts_are_gone(
    client: FlaskClient, reader: Clinician, used_up: Callable[..., None], session: Session
) -> None:
    used_up(reader.email, LIMIT, STRANGER, ago=WINDOW + timedelta(seconds=1))
    used_up("somebody@example.org", 3, STRANGER, ago=WINDOW + timedelta(seconds=1))
    assert attempt(client, reader.email, "wrong", STRANGER) == 401
    assert len(session.scalars(select(FailedSignIn)).all()) == 1


def test_what_a_person_mistyped_is_forgiven_when_they_get_in(
    client: FlaskClient, reader: Clinician, used_up: Callable[..., None], session: Session
) -> None:
    used_up(reader.email, LIMIT - 1, HOME)
    used_up(reader.email, 2, STRANGER)
    assert attempt(client, reader.email, PASSWORD, HOME) == 201
    assert set(session.scalars(select(FailedSignIn.origin))) == {STRANGER}


def test_guessing_from_many_addresses_leaves_one_attempt_to_each_and_the_person_still_gets_in(
    client: FlaskClient, reader: Clinician, used_up: Callable[..., None]
) -> None:
    for number in range(MANY):
        used_up(reader.email, LIMIT, f"198.51.100.{number}")
    assert attempt(client, reader.email, "wrong", STRANGER) == 401
    assert attempt(client, reader.email, PASSWORD, STRANGER) == 429, "one attempt, then slow"
    assert attempt(client, reader.email, PASSWORD, HOME) == 201


def test_a_known_browser_has_attempts_of_its_own_behind_the_strangers_address(
    app: Flask, reader: Clinician, used_up: Callable[..., None]
) -> None:
    known, fresh = app.test_client(), app.test_client()
    assert on_page(known, reader.email, PASSWORD, STRANGER) == 302
    for number in range(MANY):
        used_up(reader.email, LIMIT, f"198.51.100.{number}")
    used_up(reader.email, LIMIT, STRANGER)
    assert on_page(fresh, reader.email, PASSWORD, STRANGER) == 429
    assert on_page(known, reader.email, "mistyped", STRANGER) == 401
    assert on_page(known, reader.email, PASSWORD, STRANGER) == 302


def test_a_known_browser_is_known_for_its_own_people_only(
    app: Flask, reader: Clinician, other_reader: Clinician, used_up: Callable[..., None]
) -> None:
    browser = app.test_client()
    assert on_page(browser, reader.email, PASSWORD, STRANGER) == 302
    used_up(other_reader.email, LIMIT, STRANGER)
    browser.delete_cookie("dermtriage_session")
    assert on_page(browser, other_reader.email, PASSWORD, STRANGER) == 429


@pytest.mark.parametrize("forged", ["x", "a" * 16, f"{'a' * 16}.c2lnbmF0dXJl", '"\\000.x"', "...."])
def test_a_forged_cookie_makes_no_browser_known(
    app: Flask, reader: Clinician, used_up: Callable[..., None], forged: str
) -> None:
    browser = app.test_client()
    browser.set_cookie(BROWSER_COOKIE, forged, path="/review")
    used_up(reader.email, LIMIT, STRANGER)
    assert on_page(browser, reader.email, PASSWORD, STRANGER) == 429


def test_the_browsers_cookie_tells_nobody_who_signed_in(client: FlaskClient, reader: Clinician) -> None:
    on_page(client, reader.email, PASSWORD, HOME)
    cookie = client.get_cookie(BROWSER_COOKIE, path="/review")
    assert cookie is not None
    assert cookie.http_only
    assert who_is_meant(reader.email).hex() not in cookie.value
    assert "reader" not in cookie.value


def test_all_processes_count_together_and_many_at_once_are_no_more_than_one_after_the_other(
    sessions: SessionFactory,
) -> None:
    this = Attempt(who_is_meant("reader@example.org"), STRANGER)

    def is_let_through(_: int) -> bool:
        try:
            count_attempt(sessions, this, LIMIT)
        except Problem:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(is_let_through, range(3 * LIMIT))) == LIMIT


def test_counts_hold_no_address_of_a_person(client: FlaskClient, session: Session) -> None:
    attempt(client, "reader@example.org", "wrong", STRANGER)
    counted = session.scalars(select(FailedSignIn)).one()
    assert (len(counted.who_sha256), counted.origin) == (32, STRANGER)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_origin_is_an_address_or_the_network_of_one_subscriber(address: str, origin: str) -> None:
    assert origin_of(address) == origin
    assert not origin.startswith(BROWSER)


def test_a_row_that_becomes_old_counts_no_more(
    client: FlaskClient, reader: Clinician, used_up: Callable[..., None], session: Session
) -> None:
    used_up(reader.email, LIMIT, STRANGER)
    oldest = session.scalars(select(FailedSignIn.id).limit(1)).one()
    session.execute(update(FailedSignIn).where(FailedSignIn.id == oldest).values(at=now() - WINDOW))
    session.commit()
    assert attempt(client, reader.email, PASSWORD, STRANGER) == 201

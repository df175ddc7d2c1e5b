"""The clinicians' pages as a browser without scripts meets them."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.image_store import ImageStore, content_hash
from db.models import Assessment, Case, Clinician, ClinicianSession, Event, Platform, Review
from dermtriage.local.drawing import Picture, draw_jpeg
from tests.factories import PASSWORD, make_case, make_image
from tests.review.conftest import ApiClient, token_for
from triage import example_clinical
from web.access import SESSION_COOKIE

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]
Photographed = Callable[..., tuple[Case, bytes]]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """Opens pages and sends their forms, with the token that the page carries."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.text = client, ""

    def open(self, address: str) -> str:
        answer = self.client.get(address, follow_redirects=True)
        assert answer.status_code == 200, answer.status
        self.text = answer.text
        return self.text

    def send(self, address: str, follow: bool = True, **form: object) -> tuple[int, str]:
        found = TOKEN.search(self.text)
        assert found, "the page has no form"
        data = {"csrf_token": found[1], **form}
        answer = self.client.post(address, data=data, follow_redirects=follow)
        self.text = answer.text if follow else self.text
        return answer.status_code, answer.headers.get("Location", "") if not follow else answer.text

    def claim(self) -> str:
        """Claim the most urgent; the address of its page."""
        self.open("/review/")
        status, address = self.send("/review/claim", follow=False)
        assert status == 302
        return address


def photograph_in(text: str) -> str:
    """The address of the first photograph that a page shows."""
    found = re.search(r'class="photograph" src="([^"]+)"', text)
    assert found
    return unescape(found[1])


@pytest.fixture
def browser(client: FlaskClient, session: Session, reader: Clinician) -> Browser:
    client.set_cookie(SESSION_COOKIE, token_for(session, reader))
    return Browser(client)


@pytest.fixture
def photographed(waiting: Waiting, session: Session, images: ImageStore) -> Photographed:
    """Adds a waiting case with a drawn photograph."""

    def add(**fields: object) -> tuple[Case, bytes]:
        case, data = waiting(**fields), draw_jpeg(Picture(1, 3, "pustule", 5))
        images.put(case.platform_id, content_hash(data), data)
        make_image(session, case, sha256=content_hash(data))
        return case, data

    return add


def test_the_session_cookie_is_hidden_from_scripts_and_from_other_sites(
    client: FlaskClient, reader: Clinician, session: Session
) -> None:
    browser = Browser(client)
    browser.open("/review/sign-in")
    form = {"email": reader.email, "password": PASSWORD, "csrf_token": TOKEN.findall(browser.text)[0]}
    plain = client.post("/review/sign-in", data=form).headers.getlist("Set-Cookie")
    cookie = next(line for line in plain if line.startswith(SESSION_COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    assert token.startswith("dtp_")
    assert token not in str(session.scalars(select(ClinicianSession)).one().__dict__)


def test_over_https_the_cookie_is_secure(client: FlaskClient, reader: Clinician) -> None:
    form = client.get("/review/sign-in", base_url="https://localhost").text
    data = {"email": reader.email, "password": PASSWORD, "csrf_token": TOKEN.findall(form)[0]}
    answer = client.post(
        "/review/sign-in", data=data, base_url="https://localhost",
        headers={"Referer": "https://localhost/review/sign-in"},
    )  # fmt: skip
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(SESSION_COOKIE))
    assert "Secure" in cookie


def test_a_wrong_password_keeps_the_address_and_says_so(client: FlaskClient, reader: Clinician) -> None:
    browser = Browser(client)
    browser.open("/review/sign-in")
    status, text = browser.send("/review/sign-in", email=reader.email, password="wrong")
    assert status == 401
    assert "E-mail address or password is wrong" in text
    assert f'value="{reader.email}"' in text
    assert "wrong" not in re.findall(r'name="password"[^>]*', text)[0]


def test_an_address_that_no_database_can_hold_is_refused(client: FlaskClient) -> None:
    browser = Browser(client)
    browser.open("/review/sign-in")
    status, text = browser.send("/review/sign-in", email="a\x00b", password="x")
    assert status == 422
    assert "Please correct: email" in text


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/surveillance/", "/surveillance/"),
        ("/review/cases/01900000-0000-7000-8000-000000000000",) * 2,
        ("https://evil.example/", "/review/"),
        ("//evil.example/", "/review/"),
        ("/\\evil.example/", "/review/"),
        ("/\t/evil.example/", "/review/"),
        ("///evil.example", "/review/"),
        ("javascript:alert(1)", "/review/"),
        ("evil.example", "/review/"),
        ("", "/review/"),
    ],
)
def test_after_sign_in_only_our_own_pages_are_gone_to(
    client: FlaskClient, reader: Clinician, wanted: str, goes_to: str
) -> None:
    browser = Browser(client)
    browser.open("/review/sign-in")
    status, address = browser.send(
        "/review/sign-in", follow=False, email=reader.email, password=PASSWORD, next=wanted
    )
    assert (status, address) == (302, goes_to)


def test_a_stranger_is_sent_to_sign_in_and_then_on(client: FlaskClient, reader: Clinician) -> None:
    answer = client.get("/review/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/review/sign-in?next=/review/")


PAGES = [
    ("GET", "/review/"),
    ("POST", "/review/claim"),
    ("POST", "/review/sign-out"),
    ("GET", "/review/cases/01900000-0000-7000-8000-000000000000"),
    ("POST", "/review/cases/01900000-0000-7000-8000-000000000000/decide"),
    ("POST", "/review/cases/01900000-0000-7000-8000-000000000000/release"),
    ("GET", "/review/cases/01900000-0000-7000-8000-000000000000/images/0"),
]


@pytest.mark.parametrize(("method", "address"), PAGES)
def test_pages_take_no_bearer_token(app: Flask, api: ApiClient, method: str, address: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().open(address, method=method, headers=api.headers)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/review/sign-in")


@pytest.mark.parametrize(
    "action", ["claim", "sign-out", "sign-in", "cases/{review}/decide", "cases/{review}/release"]
)
def test_a_form_without_its_token_is_refused_and_changes_nothing(
    browser: Browser, waiting: Waiting, stored: Stored, session: Session, action: str
) -> None:
    case, other = waiting(level="emergency"), waiting()
    review_id = browser.claim().rpartition("/")[2]
    answer = browser.client.post(f"/review/{action.format(review=review_id)}", data={"verdict": "confirm"})
    assert answer.status_code == 400
    assert (stored(case.id).status, stored(other.id).status) == ("in_review", "awaiting_review")
    assert session.scalars(select(ClinicianSession)).one().revoked_at is None


def test_signing_out_ends_the_session_on_the_server(browser: Browser, session: Session) -> None:
    browser.open("/review/")
    browser.send("/review/sign-out")
    assert session.scalars(select(ClinicianSession)).one().revoked_at is not None
    assert browser.client.get("/review/").status_code == 302


def test_the_queue_shows_counts_flags_and_what_has_no_ai_result(
    browser: Browser, waiting: Waiting, session: Session, platform: Platform
) -> None:
    waiting(
        "mpox", "urgent", flags=["red_flag", "models_disagree"], due_at=now() - timedelta(hours=3, minutes=1)
    )
    waiting("nev", "urgent", due_at=now() + timedelta(hours=2, minutes=5, seconds=30))
    unread = make_case(session, platform, level="emergency", review_from=now())
    text = browser.open("/review/")
    assert "3 h 1 min late" in text
    assert "in 2 h 5 min" in text
    assert "1 late" in text
    assert "red flag" in text
    assert "two parts of the model disagree" in text
    assert "no AI result yet" in text
    first = text.index(str(unread.id)[-8:])
    assert all(text.index(words) > first for words in ("3 h 1 min late", "in 2 h 5 min"))
    assert "Small itching bumps" not in text


def test_an_empty_queue_says_so(browser: Browser) -> None:
    assert "No case waits." in browser.open("/review/")
    assert "No case waits." in browser.send("/review/claim")[1]


def test_a_claimed_case_is_shown_whole(browser: Browser, photographed: Photographed) -> None:
    case, _ = photographed(condition="mpox", level="urgent", flags=["models_disagree"])
    text = browser.open(browser.claim())
    for words in (
        "Preliminary - AI", "Agree: suspected mpox", "82 %", "Several raised lesions of the hand.",
        "two parts of the model disagree", "made for a test", "not for clinical use",
        "Small itching bumps on the forearm", "yes, began 6 days ago", "None: all 12 questions answered no",
        "default-1", 'alt="Photograph 1"', str(case.id)[-8:],
    ):  # fmt: skip
        assert words in text, words
    assert "style=" not in text
    assert re.findall(r"<script(?! src=)", text) == []


def test_the_page_names_what_cannot_be_ruled_out(
    browser: Browser, waiting: Waiting, session: Session
) -> None:
    waiting()
    assessment = session.scalars(select(Assessment)).one()
    assessment.signals = {"prediction_set": ["mpox", "chickenpox"], "coverage": 0.9}
    session.commit()
    assert "With 90 % coverage: mpox or chickenpox." in browser.open(browser.claim())


def test_red_flags_come_first(browser: Browser, waiting: Waiting) -> None:
    waiting(level="emergency", clinical=example_clinical("eye"))
    text = browser.open(browser.claim())
    flag = text.index("Lesion or other sign at the eye")
    assert 'class="red"' in text
    assert flag < text.index("Fitzpatrick skin type") < text.index("Why this level")


def test_what_a_patient_wrote_is_text_and_never_markup(browser: Browser, waiting: Waiting) -> None:
    waiting(clinical={**example_clinical(), "free_text": "<script>alert(1)</script>"})
    text = browser.open(browser.claim())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>" not in text


def test_without_an_ai_result_there_is_no_button_to_agree(
    browser: Browser, session: Session, platform: Platform
) -> None:
    make_case(session, platform, review_from=now())
    text = browser.open(browser.claim())
    assert "No AI result yet" in text
    assert "Agree:" not in text
    assert "Preliminary - AI" not in text


def test_a_photograph_is_served_as_stored_and_never_kept_by_browsers(
    browser: Browser, photographed: Photographed
) -> None:
    _, data = photographed()
    answer = browser.client.get(photograph_in(browser.open(browser.claim())))
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", data)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_photograph_is_refused_to_others_and_after_release(
    app: Flask, session: Session, browser: Browser, other_reader: Clinician, photographed: Photographed
) -> None:
    photographed()
    address = browser.claim()
    other = app.test_client()
    other.set_cookie(SESSION_COOKIE, token_for(session, other_reader))
    assert other.get(f"{address}/images/0").status_code == 404
    assert other.get(address).status_code == 404
    assert browser.client.get(f"{address}/images/5").status_code == 404
    browser.open(address)
    browser.send(f"{address}/release")
    assert browser.client.get(f"{address}/images/0").status_code == 409


def test_agreeing_records_the_decision_and_leads_back_to_the_queue(
    browser: Browser, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("mpox", "urgent")
    address = browser.claim()
    browser.open(address)
    status, text = browser.send(f"{address}/decide", verdict="confirm")
    assert status == 200
    assert "Recorded: you agree with the AI result." in text
    assert "Review queue" in text
    assert stored(case.id).status == "completed"
    assert session.scalars(select(Event.type)).all() == ["case.completed"]
    assert "You decided this case" in browser.open(address)


def test_an_override_with_a_laboratory_result_is_recorded(
    browser: Browser, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("chickenpox", "priority")
    address = browser.claim()
    browser.open(address)
    status, _ = browser.send(
        f"{address}/decide", verdict="override", level="urgent", diagnosis="mpox", reason="PCR came back.",
        laboratory_test="mpxv_pcr", laboratory_result="positive", laboratory_days_after_onset="6",
    )  # fmt: skip
    assert status == 200
    counted = {cell["condition"]: cell["status"] for cell in stored(case.id).counted}
    assert counted == {"chickenpox": "ruled_out", "mpox": "confirmed"}
    laboratory = session.scalars(select(Review)).one().laboratory
    assert laboratory is not None
    assert (laboratory["test"], laboratory["days_after_onset"]) == ("mpxv_pcr", 6)


def test_what_is_wrong_is_said_beside_the_form_and_what_was_typed_is_kept(
    browser: Browser, waiting: Waiting, stored: Stored
) -> None:
    case = waiting()
    address = browser.claim()
    browser.open(address)
    status, text = browser.send(f"{address}/decide", verdict="override", reason="Looks <old>.", level="")
    assert status == 422
    assert "Level: Choose the level that you give." in text
    assert ">Looks &lt;old&gt;.</textarea>" in text
    assert re.search(r'<details class="verdict" name="verdict" open>\s*<summary[^>]*>Override', text)
    assert stored(case.id).status == "in_review"


def test_when_the_lease_was_lost_what_was_typed_is_kept_and_the_case_can_be_claimed_again(
    browser: Browser, waiting: Waiting, stored: Stored, end_lease: Callable[[UUID], None]
) -> None:
    case = waiting()
    address = browser.claim()
    browser.open(address)
    end_lease(case.id)
    status, text = browser.send(
        f"{address}/decide", verdict="override", level="routine", reason="A long thought."
    )
    assert status == 409
    assert "You do not hold this case any more" in text
    assert "A long thought." in text
    status, _ = browser.send("/review/claim", case_id=str(case.id))
    assert status == 200
    assert stored(case.id).status == "in_review"


def test_a_taken_case_is_refused_with_a_message(
    browser: Browser, other_api: ApiClient, waiting: Waiting
) -> None:
    case = waiting()
    other_api.claim(case.id)
    browser.open("/review/")
    status, text = browser.send("/review/claim", case_id=str(case.id))
    assert status == 200
    assert "Another clinician holds this case" in text


def test_the_queue_leads_back_to_what_the_reader_holds(browser: Browser, waiting: Waiting) -> None:
    waiting()
    address = browser.claim()
    text = browser.open("/review/")
    assert f'href="{address}"' in text
    assert "You hold" in text


def test_pages_answer_with_a_strict_content_security_policy(browser: Browser, waiting: Waiting) -> None:
    waiting()
    answer = browser.client.get(browser.claim())
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"

"""Blind reading, second reading and adjudication, each by its own person in their own window."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Case, FurtherReading, Review
from tests.browser.conftest import claim, ready, sign_in
from tests.review.conftest import add_reader

pytestmark = pytest.mark.browser

Sample = Callable[..., Case]
Stored = Callable[[UUID], Case]
Window = Callable[..., Page]


@pytest.fixture
def second_rules() -> dict[str, Any]:
    """Suspected mpox, and an emergency that was lowered, are read a second time."""
    return {"diagnoses": ["mpox"], "emergency_downgraded": True}


@pytest.fixture
def of(open_window: Window, session: Session) -> Callable[..., Page]:
    """Opens the window of another person, signed in."""

    def open_for(name: str, role: str = "clinician") -> Page:
        page = open_window()
        sign_in(page, add_reader(session, f"{name}@example.org", name=name, role=role))
        return page

    return open_for


def test_a_blind_case_is_read_before_the_ai_result_is_shown(
    window: Page, sample: Sample, session: Session
) -> None:
    sample("sample-05", blind=True)
    window.reload()
    expect(window.locator("table.queue")).not_to_contain_text("model")
    claim(window)
    ready(window)
    expect(window.get_by_role("heading", name="Your own reading first")).to_be_visible()
    text = window.locator("body").inner_text()
    for told in ("Preliminary - AI", "melanoma %", "62 %", "cannot be ruled out. Seen", "Override", "Agree"):
        assert told not in text
    assert window.locator(".overlay").count() == 0
    window.get_by_label("priority").check()
    window.get_by_label("Diagnosis").select_option("nev")
    window.get_by_role("button", name="Record and show the AI result").click()
    expect(window.get_by_text("Preliminary - AI")).to_be_visible()
    expect(window.get_by_role("meter", name="melanoma")).to_be_visible()
    review = session.scalars(select(Review)).one()
    assert (review.blind_level, review.blind_diagnosis) == ("priority", "nev")
    assert review.revealed_at is not None


def test_a_second_reader_who_agrees_ends_it(
    window: Page, of: Callable[..., Page], sample: Sample, session: Session
) -> None:
    sample("sample-01")
    claim(window)
    ready(window)
    window.keyboard.press("c")
    window.keyboard.press("Enter")
    window.get_by_role("heading", name="Review queue").wait_for()
    expect(window.get_by_text("second reading", exact=True)).to_be_hidden()
    second = of("second")
    expect(second.get_by_role("cell", name="second reading").first).to_be_visible()
    claim(second)
    ready(second)
    expect(second.get_by_role("button", name="Escalate")).to_be_hidden()
    second.keyboard.press("c")
    second.keyboard.press("Enter")
    second.get_by_role("heading", name="Review queue").wait_for()
    session.expire_all()
    assert [further.state for further in session.scalars(select(FurtherReading))] == ["done"]


def test_a_senior_decides_where_two_readers_differ(
    window: Page, of: Callable[..., Page], sample: Sample, stored: Stored, session: Session
) -> None:
    case = sample("sample-01")
    claim(window)
    ready(window)
    window.keyboard.press("c")
    window.keyboard.press("Enter")
    window.get_by_role("heading", name="Review queue").wait_for()
    second = of("second")
    claim(second)
    ready(second)
    override(second, "routine", "chickenpox", "Blisters of all ages, no contact that counts.")
    senior = of("senior", role="senior")
    claim(senior)
    ready(senior)
    others = senior.get_by_role("region", name="What the others found")
    expect(others).to_contain_text("suspected mpox")
    expect(others).to_contain_text("Blisters of all ages")
    override(senior, "priority", "chickenpox", "Vesicles; still soon, because of the fever.")
    assert (stored(case.id).status, stored(case.id).level) == ("completed", "priority")
    kinds = session.scalars(select(Review.kind).order_by(Review.decided_at)).all()
    assert kinds == ["first", "second", "adjudication"]


def test_a_lowered_emergency_waits_for_its_second_reading(
    window: Page, of: Callable[..., Page], sample: Sample, stored: Stored
) -> None:
    case = sample("sample-02")
    claim(window)
    ready(window)
    override(window, "routine", "other", "A stye, no lesion of the eye.")
    expect(
        window.get_by_text("The level stays as it was until another person has read the case.")
    ).to_be_visible()
    assert (stored(case.id).status, stored(case.id).level) == ("awaiting_review", "emergency")
    second = of("second")
    claim(second)
    ready(second)
    override(second, "routine", "other", "I see a stye too.")
    assert (stored(case.id).status, stored(case.id).level) == ("completed", "routine")


def override(page: Page, level: str, diagnosis: str, reason: str) -> None:
    """Record an own level by the form."""
    page.keyboard.press("o")
    page.locator("#override-level").select_option(level)
    page.locator("#override-diagnosis").select_option(diagnosis)
    page.locator("#override-reason").fill(reason)
    page.get_by_role("button", name="Record override").click()
    page.get_by_role("heading", name="Review queue").wait_for()

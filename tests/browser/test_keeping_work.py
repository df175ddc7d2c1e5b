"""Nothing that a reader typed is lost, a lost lease is said, and a decision can be taken back for a while."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Clinician, Event, ReviewDraft
from tests.browser.conftest import claim, ready, sign_in
from tests.review.conftest import add_reader

pytestmark = pytest.mark.browser

Sample = Callable[..., Case]
Stored = Callable[[UUID], Case]
THOUGHT = "A long thought: crusts <and> vesicles, none of them firm."


@pytest.fixture
def typed(open_window: Callable[..., Page], reader: Clinician, sample: Sample) -> Page:
    """A page on which a reader has typed half an override, which is kept."""
    page = open_window(expected="409")
    sample()
    sign_in(page, reader)
    claim(page)
    ready(page)
    page.keyboard.press("o")
    page.get_by_label("Level", exact=True).select_option("urgent")
    page.locator("#override-reason").fill(THOUGHT)
    expect(page.get_by_text("Draft kept.")).to_be_visible()
    return page


def end_lease(session: Session) -> None:
    case = session.scalars(select(Case)).one()
    session.refresh(case)
    case.review_until = now() - timedelta(seconds=1)
    session.commit()


def test_what_is_typed_is_there_again_when_the_page_is_loaded_anew(typed: Page) -> None:
    typed.reload()
    ready(typed)
    expect(typed.locator("#override-reason")).to_have_value(THOUGHT)
    expect(typed.get_by_label("Level", exact=True)).to_have_value("urgent")
    expect(typed.get_by_text("What you had typed before is filled in again.")).to_be_visible()


def test_the_last_words_before_the_page_is_left_are_kept_too(typed: Page) -> None:
    typed.locator("#override-reason").press_sequentially(" And more.", delay=1)
    typed.get_by_role("link", name="dermtriage").click()
    typed.get_by_role("link", name="Go on with case").click()
    expect(typed.locator("#override-reason")).to_have_value(f"{THOUGHT} And more.")


def test_a_lease_lost_while_writing_is_said_and_the_case_is_claimed_again_with_the_text(
    typed: Page, session: Session
) -> None:
    end_lease(session)
    typed.get_by_role("button", name="Keep longer").click()
    lost = typed.get_by_role("alert").filter(has_text="You do not hold this case any more")
    expect(lost).to_be_visible()
    expect(lost).to_contain_text("What you typed is kept.")
    typed.get_by_role("button", name="Record override").click()
    expect(lost).to_be_visible()
    typed.get_by_role("button", name="Claim it again").click()
    ready(typed)
    expect(typed.locator("#override-reason")).to_have_value(THOUGHT)
    typed.get_by_role("button", name="Record override").click()
    expect(typed.get_by_text("Recorded: your level replaces")).to_be_visible()
    assert session.scalars(select(ReviewDraft)).all() == []


def test_a_lease_that_another_took_meanwhile_loses_no_word(
    typed: Page, session: Session, open_window: Callable[..., Page]
) -> None:
    end_lease(session)
    other = open_window()
    sign_in(other, add_reader(session, "second@example.org"))
    claim(other)
    ready(other)
    expect(other.locator("#override-reason")).to_have_value("")
    typed.get_by_role("button", name="Keep longer").click()
    typed.get_by_role("button", name="Claim it again").click()
    expect(typed.get_by_text("Another clinician holds this case")).to_be_visible()
    other.get_by_role("button", name="Give back").click()
    typed.reload()
    claim(typed)
    expect(typed.locator("#override-reason")).to_have_value(THOUGHT)


def test_the_heart_beat_holds_the_case_and_the_page_says_until_when(
    window: Page, sample: Sample, stored: Stored, session: Session
) -> None:
    case = sample()
    claim(window)
    ready(window)
    row = session.get_one(Case, case.id, populate_existing=True)
    row.review_until = now() + timedelta(seconds=90)
    session.commit()
    window.reload()
    ready(window)
    window.get_by_role("button", name="Keep longer").click()
    expect(window.get_by_role("status").filter(has_text="loading")).to_be_hidden()
    window.wait_for_function(
        "Date.parse(document.querySelector('[data-held-until] time').dateTime) > Date.now() + 600000"
    )
    until = stored(case.id).review_until
    assert until is not None
    assert until > now() + timedelta(minutes=10)


def test_a_page_that_lies_open_says_that_its_time_ends(
    window: Page, sample: Sample, session: Session
) -> None:
    case = sample()
    claim(window)
    row = session.get_one(Case, case.id, populate_existing=True)
    row.review_until = now() + timedelta(seconds=8)
    session.commit()
    window.reload()
    expect(window.get_by_text("Your time with this case ends soon")).to_be_visible()
    expect(window.get_by_text("You do not hold this case any more")).to_be_visible(timeout=15_000)


def test_a_decision_is_undone_and_what_was_typed_stands_in_the_form_again(
    typed: Page, stored: Stored, session: Session
) -> None:
    typed.get_by_role("button", name="Record override").click()
    expect(typed.get_by_text("becomes final at")).to_be_visible()
    typed.keyboard.press("u")
    expect(typed.get_by_text("Your decision is undone.")).to_be_visible()
    ready(typed)
    expect(typed.locator("#override-reason")).to_have_value(THOUGHT)
    case = session.scalars(select(Case)).one()
    assert stored(case.id).status == "in_review"
    assert "case.completed" not in session.scalars(select(Event.type)).all()


def test_the_offer_to_undo_goes_when_its_time_has_passed(
    app: Flask, window: Page, sample: Sample, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample()
    claim(window)
    ready(window)
    window.clock.install()
    window.keyboard.press("c")
    window.keyboard.press("Enter")
    undo = window.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    window.clock.fast_forward(61_000)
    expect(undo).to_be_hidden()


def test_a_case_is_handed_over_to_a_colleague(
    window: Page, open_window: Callable[..., Page], sample: Sample, session: Session
) -> None:
    colleague = add_reader(session, "second@example.org", name="Dr Second")
    sample()
    claim(window)
    ready(window)
    window.keyboard.press("h")
    window.get_by_label("To whom").select_option(label="Dr Second")
    window.get_by_role("button", name="Hand over").click()
    expect(window.get_by_text("Handed over.")).to_be_visible()
    expect(window.get_by_role("link", name="Go on with case")).to_be_hidden()
    other = open_window()
    sign_in(other, colleague)
    other.get_by_role("link", name="Go on with case").click()
    expect(other.get_by_role("heading", name="Your decision")).to_be_visible()


def test_a_case_is_skipped_with_a_reason(window: Page, sample: Sample, stored: Stored) -> None:
    case = sample()
    claim(window)
    ready(window)
    window.keyboard.press("k")
    window.keyboard.type("I know this patient.")
    window.keyboard.press("Enter")
    expect(window.get_by_text("Skipped.")).to_be_visible()
    assert stored(case.id).status == "awaiting_review"

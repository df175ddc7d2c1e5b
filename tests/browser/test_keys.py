"""The keyboard alone: few strokes to a decision, dead until photographs are seen, and never in the way."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Case, Clinician, Review
from tests.browser.conftest import claim, look_at_the_queue, ready, sign_in

pytestmark = pytest.mark.browser

Stored = Callable[[UUID], Case]
MOST_STROKES = 6


class Keyboard:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.strokes = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.strokes += 1


def held_images(page: Page) -> Callable[[], None]:
    """Keeps the photographs from arriving until the returned function is called."""
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route("**/images/*", keep)

    def let_go() -> None:
        for route in waiting:
            route.continue_()
        page.unroute("**/images/*", keep)

    return let_go


def test_from_the_open_queue_to_a_recorded_confirm(
    window: Page, sample: Callable[..., Case], stored: Stored
) -> None:
    case = sample()
    look_at_the_queue(window)
    keyboard = Keyboard(window)
    keyboard.press("Enter")
    ready(window)
    keyboard.press("c", "Enter")
    expect(window.get_by_text("Recorded: you agree")).to_be_visible()
    assert stored(case.id).status == "completed"
    assert keyboard.strokes == 3


def test_from_the_open_queue_through_a_blind_reading_to_a_recorded_confirm(
    window: Page, sample: Callable[..., Case], stored: Stored, session: Session
) -> None:
    case = sample(blind=True)
    look_at_the_queue(window)
    keyboard = Keyboard(window)
    keyboard.press("Enter")
    ready(window)
    keyboard.press("3", "c", "Enter")
    window.get_by_role("heading", name="Your decision").wait_for()
    ready(window)
    keyboard.press("c", "Enter")
    expect(window.get_by_text("Recorded: you agree")).to_be_visible()
    assert stored(case.id).status == "completed"
    assert keyboard.strokes <= MOST_STROKES
    review = session.scalars(select(Review)).one()
    assert (review.blind_level, review.blind_diagnosis) == ("priority", "chickenpox")


def test_keys_are_dead_until_the_photographs_have_loaded(
    window: Page, sample: Callable[..., Case], stored: Stored
) -> None:
    case = sample()
    let_go = held_images(window)
    claim(window)
    expect(window.get_by_text("Keys work once you can see them.")).to_be_visible()
    for key in ("c", "Enter", "o", "e", "?"):
        window.keyboard.press(key)
    window.get_by_role("button", name="Agree: chickenpox").click()
    expect(window.get_by_role("button", name="Record override")).to_be_hidden()
    expect(window.get_by_role("dialog")).to_be_hidden()
    assert stored(case.id).status == "in_review"
    let_go()
    ready(window)
    expect(window.get_by_text("The photographs are loading")).to_be_hidden()
    window.keyboard.press("o")
    expect(window.get_by_label("Level", exact=True)).to_be_focused()


def test_a_photograph_that_cannot_be_loaded_is_said_and_keeps_keys_off(
    open_window: Callable[..., Page], reader: Clinician, sample: Callable[..., Case]
) -> None:
    page = open_window(expected="404")
    sample()
    sign_in(page, reader)
    page.route("**/images/0?*", lambda route: route.fulfill(status=404))
    claim(page)
    expect(page.get_by_text("A photograph could not be loaded, so keys stay off.")).to_be_visible()
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Record override")).to_be_hidden()


def test_keys_never_fire_while_somebody_types(window: Page, sample: Callable[..., Case]) -> None:
    sample()
    claim(window)
    ready(window)
    window.keyboard.press("o")
    window.get_by_label("Reason").first.click()
    window.keyboard.type("geo trace 0 + ?")
    expect(window.get_by_label("Reason").first).to_have_value("geo trace 0 + ?")
    expect(window.get_by_role("dialog")).to_be_hidden()
    expect(window.get_by_role("button", name="Record override")).to_be_visible()
    window.keyboard.press("Escape")
    window.keyboard.press("t")
    expect(window.get_by_role("button", name="Ask for retake")).to_be_visible()


def test_lowering_a_level_needs_a_typed_reason(
    open_window: Callable[..., Page],
    reader: Clinician,
    sample: Callable[..., Case],
    stored: Stored,
    session: Session,
) -> None:
    window = open_window(expected="422")
    case = sample("sample-02")
    sign_in(window, reader)
    claim(window)
    ready(window)
    window.keyboard.press("o")
    window.keyboard.type("routine")
    window.get_by_label("Reason").first.focus()
    window.keyboard.press("Control+Enter")
    assert stored(case.id).status == "in_review"
    window.keyboard.type("   ")
    window.keyboard.press("Control+Enter")
    expect(window.get_by_role("alert").get_by_text("Reason")).to_be_visible()
    assert stored(case.id).status == "in_review"
    window.get_by_label("Reason").first.fill("The eye is healthy; it was a stye.")
    window.keyboard.press("Control+Enter")
    window.get_by_role("heading", name="Review queue").wait_for()
    assert session.scalars(select(Review.reason)).one() == "The eye is healthy; it was a stye."


def test_the_help_names_every_key_that_the_page_has(window: Page, sample: Callable[..., Case]) -> None:
    sample("sample-01")
    claim(window)
    ready(window)
    on_page = set(
        window.locator("[aria-keyshortcuts]").evaluate_all(
            "all => all.flatMap(one => one.getAttribute('aria-keyshortcuts').split(' '))"
        )
    )
    window.keyboard.press("?")
    told = set(window.locator("dialog kbd").all_inner_texts())
    assert {"+" if key == "Plus" else key for key in on_page} <= told
    window.keyboard.press("Escape")
    expect(window.get_by_role("dialog")).to_be_hidden()


def test_single_keys_can_be_switched_off_for_good(window: Page, sample: Callable[..., Case]) -> None:
    sample()
    claim(window)
    ready(window)
    window.get_by_role("button", name="Keys").click()
    window.get_by_label("Single keys act").uncheck()
    window.get_by_role("button", name="Close").click()
    window.reload()
    ready(window)
    window.keyboard.press("o")
    expect(window.get_by_role("button", name="Record override")).to_be_hidden()
    window.locator("summary", has_text="Override").focus()
    window.keyboard.press("Enter")
    expect(window.get_by_role("button", name="Record override")).to_be_visible()

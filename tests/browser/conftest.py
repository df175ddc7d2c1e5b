"""The application served to a real browser: Debian's Chromium, driven by Playwright."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from sqlalchemy.orm import Session

from db.image_store import ImageStore
from db.models import Case, Clinician, Platform
from tests.browser.scenes import add_sample
from tests.browser.serving import CHROMIUM, launched, served
from tests.factories import PASSWORD
from tests.review.conftest import (
    app,
    images,
    platform,
    policy_path,
    reader,
    second_rules,
    sessions,
    stored,
    waiting,
)

__all__ = [
    "app",
    "images",
    "platform",
    "policy_path",
    "reader",
    "second_rules",
    "sessions",
    "stored",
    "waiting",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that leaves a page breaks off what it is sent; the test server then leaves that file open."""
    ours = (item for item in items if "browser" in item.path.parts)
    for item in ours:
        item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each opens its own windows."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application is served."""
    with served(app) as address:
        yield address


@pytest.fixture
def open_window(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a window with its own cookies; a test fails when its console shows an unexpected error."""
    contexts, complaints = [], []

    def open_one(
        width: int = 1280, height: int = 800, colours: str = "light", expected: str | None = None
    ) -> Page:
        context = browser.new_context(
            base_url=address, viewport={"width": width, "height": height}, color_scheme=colours
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: complaints.append(said.text) if is_wrong(said, expected) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def is_wrong(said: ConsoleMessage, expected: str | None) -> bool:
    """Whether a line of the console tells of a mistake; `expected` is a status that the test provokes."""
    return said.type == "error" and not (expected and expected in said.text)


@pytest.fixture
def sample(session: Session, platform: Platform, images: ImageStore) -> Callable[..., Case]:
    """Adds one of the invented cases, with its drawn photographs and its made-up AI result."""

    def add(name: str = "sample-03", **fields: Any) -> Case:
        return add_sample(session, platform, images, name, **fields)

    return add


@pytest.fixture
def window(open_window: Callable[..., Page], reader: Clinician) -> Page:
    """A window in which the reader is signed in and sees the queue."""
    page = open_window()
    sign_in(page, reader)
    return page


def sign_in(page: Page, clinician: Clinician, *, arrives: bool = True) -> None:
    """From any page's address to the queue, which not every role may see (`arrives`)."""
    page.goto("/review/")
    page.get_by_label("E-mail address").fill(clinician.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    if arrives:
        page.get_by_role("heading", name="Review queue").wait_for()
    else:
        page.get_by_role("button", name="Sign out").wait_for()


def look_at_the_queue(page: Page) -> None:
    """Load the queue anew, until Enter claims: its button has the focus only once the page is drawn."""
    page.reload()
    expect(page.get_by_role("button", name="Claim the most urgent")).to_be_focused()


def claim(page: Page) -> None:
    """Claim the most urgent case, which must be there."""
    page.get_by_role("button", name="Claim the most urgent").click()
    page.locator("#decision").wait_for()


def ready(page: Page) -> None:
    """Wait until the photographs have loaded and keys act."""
    page.locator("html[data-photographs=ready]").wait_for()

"""The application served to a real browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from db.models import Clinician
from tests.factories import PASSWORD
from tests.review.conftest import app, images, platform, reader, sessions, stored, waiting

__all__ = ["app", "images", "platform", "reader", "sessions", "stored", "waiting"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each opens its own windows."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    # Chromium refuses its sandbox to root; the pages it opens here are our own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_window(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a window with cookies of its own; a test fails when its console shows an error."""
    contexts, complaints = [], []

    def open_one(width: int = 1280, height: int = 800, colours: str = "light") -> Page:
        context = browser.new_context(
            base_url=address, viewport={"width": width, "height": height}, color_scheme=colours
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def window(open_window: Callable[..., Page], reader: Clinician) -> Page:
    """A window in which the reader is signed in and sees the queue."""
    page = open_window()
    sign_in(page, reader)
    return page


def sign_in(page: Page, clinician: Clinician) -> None:
    """From any page's address to the queue."""
    page.goto("/review/")
    page.get_by_label("E-mail address").fill(clinician.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Review queue").wait_for()


def claim(page: Page) -> None:
    """Claim the most urgent case, which must be there."""
    page.get_by_role("button", name="Claim the most urgent").click()
    page.locator("#decision").wait_for()


def ready(page: Page) -> None:
    """Wait until the photographs have loaded and keys act."""
    page.locator("html[data-photographs=ready]").wait_for()

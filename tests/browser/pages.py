"""The pages that are photographed: who opens them, how wide, and the steps that lead there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page

from tests.browser.conftest import claim, ready

Steps = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    """One picture. `whole`: with what lies below the window's edge."""

    name: str
    steps: Steps
    person: str | None = "reader"
    width: int = 1280
    height: int = 800
    colours: Literal["light", "dark"] = "light"
    whole: bool = False


def _stay(_: Page) -> None:
    """The page after sign-in."""


def _goes_to(address: str) -> Steps:
    return lambda page: page.goto(address) and None


def _claims(*keys: str) -> Steps:
    def steps(page: Page) -> None:
        claim(page)
        ready(page)
        for key in keys:
            page.keyboard.press(key)

    return steps


def _goes_on(*keys: str) -> Steps:
    """The case that the reader holds, then keys."""

    def steps(page: Page) -> None:
        page.get_by_role("link", name="Go on with case").first.click()
        ready(page)
        for key in keys:
            page.keyboard.press(key)

    return steps


def _claims_case_of(level: str) -> Steps:
    """The first waiting case of a level."""

    def steps(page: Page) -> None:
        page.locator("table.queue tr", has_text=level).get_by_role("button", name="Claim").first.click()
        page.locator("#decision").wait_for()
        ready(page)

    return steps


def _undoes_nothing_yet(page: Page) -> None:
    """A decision was made a moment ago."""
    page.locator("table.queue tr", has_text="Routine").get_by_role("button", name="Claim").first.click()
    ready(page)
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Undo").wait_for()


def _two_side_by_side(page: Page) -> None:
    """Both photographs of a case, with where the model looked in the first."""
    _claims_case_of("Urgent")(page)
    page.keyboard.press("v")
    page.keyboard.press("s")


def _phone(name: str, steps: Steps, **how: object) -> Shot:
    return Shot(name, steps, width=390, height=844, **how)  # type: ignore[arg-type]


SHOTS = (
    Shot("sign-in", _goes_to("/review/sign-in"), person=None, height=500),
    Shot("queue", _stay),
    _phone("queue-phone-dark", _stay, colours="dark"),
    Shot("case", _claims()),
    Shot("case-dark-override", _goes_on("o"), colours="dark"),
    Shot("case-two-photographs", _two_side_by_side),
    Shot("keys", _goes_on("?")),
    _phone("case-phone", _goes_on(), whole=True),
    Shot("undo", _undoes_nothing_yet, height=420),
)

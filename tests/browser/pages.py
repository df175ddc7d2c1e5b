"""The pages that are photographed: who opens them, how wide, and the steps that lead there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Page

from tests.browser.conftest import claim, ready

Steps = Callable[[Page], None]
told_of: list[str] = []
"""The cases whose trail is looked at afterwards."""


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
    def steps(page: Page) -> None:
        page.goto(address)

    return steps


def _presses(page: Page, *keys: str) -> None:
    ready(page)
    for key in keys:
        page.keyboard.press(key)


def _claims_first(page: Page) -> None:
    """The most urgent case."""
    claim(page)
    ready(page)


def _claims(row: str, *keys: str, after: Steps = _stay) -> Steps:
    """The first case of the list in whose row a word stands, then keys, then more."""

    def steps(page: Page) -> None:
        found = page.locator("table.queue tr", has=page.get_by_role("button", name="Claim")).filter(
            has_text=row
        )
        found.first.get_by_role("button", name="Claim").click()
        page.locator("#decision").wait_for()
        _presses(page, *keys)
        after(page)

    return steps


def _goes_on(*keys: str, after: Steps = _stay) -> Steps:
    """The first case that the person holds, then keys, then more."""

    def steps(page: Page) -> None:
        page.get_by_role("link", name="Go on with case").first.click()
        _presses(page, *keys)
        after(page)

    return steps


def _loses_the_lease(page: Page) -> None:
    """What the heart-beat says when another has the case."""
    page.route("**/heartbeat", lambda route: route.fulfill(status=409, body="{}"))
    page.locator("#override-reason").fill("The edges are blurred, and it has grown since")
    page.get_by_text("Draft kept.").wait_for()
    page.get_by_role("button", name="Keep longer").click()
    page.get_by_role("button", name="Claim it again").wait_for()


def _may_undo(page: Page) -> None:
    """The queue, with the decision of a moment ago."""
    page.get_by_role("button", name="Undo").wait_for()


def _differs(page: Page) -> None:
    """A second reader who finds something else, and what they see afterwards."""
    address = page.url
    told_of.append(page.locator("h1 code").get_attribute("title") or "")
    page.keyboard.press("o")
    page.locator("#override-level").select_option("routine")
    page.locator("#override-diagnosis").select_option("chickenpox")
    page.locator("#override-reason").fill("Blisters of all ages; no contact that counts.")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Review queue").wait_for()
    page.goto(address)


def _corrects(page: Page) -> None:
    """An emergency is final at once, so it can be corrected at once."""
    address = page.url
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Review queue").wait_for()
    page.goto(f"{address}/amend")


def _reads_the_trail(page: Page) -> None:
    """The trail of the case that the auditor asks for."""
    page.goto(f"/review/trail?case={told_of[-1]}")


def _phone(name: str, steps: Steps, **how: Any) -> Shot:
    return Shot(name, steps, width=390, height=844, **how)


# In this order: what one picture leaves behind, the next may show.
SHOTS = (
    Shot("sign-in", _goes_to("/review/sign-in"), person=None, height=520),
    Shot("queue", _stay),
    _phone("queue-phone-dark", _stay, colours="dark"),
    Shot("case", _claims_first),
    Shot("case-dark-override", _goes_on("o"), colours="dark"),
    Shot("keys", _goes_on("?")),
    _phone("case-phone", _goes_on(), whole=True),
    Shot("hand-over", _goes_on("h"), height=460),
    Shot("blind", _claims_first, person="colleague"),
    Shot("lease-lost", _claims("Priority", "o", after=_loses_the_lease), person="colleague"),
    Shot("case-two-photographs", _claims("Urgent", "v", "s")),
    Shot("correction", _goes_on("c", after=_corrects), height=620),
    Shot("undo", _goes_on("c", "Enter", after=_may_undo), height=420),
    Shot("second-reading", _claims("second reading"), person="colleague"),
    Shot("decided", _goes_on(after=_differs), person="colleague", height=520),
    Shot("adjudication", _claims("adjudication"), person="senior", colours="dark"),
    Shot("queue-senior", _stay, person="senior"),
    Shot("notices", _goes_to("/review/notices"), person="administrator", height=420),
    Shot("people", _goes_to("/review/people"), person="administrator"),
    Shot("known-cases", _goes_to("/review/known-cases"), person="administrator", height=620),
    Shot("figures", _goes_to("/review/figures"), person="senior", height=1100),
    Shot("audit-trail", _reads_the_trail, person="auditor"),
    Shot("surveillance", _goes_to("/surveillance/?region=FR-75"), person="analyst"),
    _phone(
        "surveillance-phone-dark", _goes_to("/surveillance/?region=FR-75"), person="analyst", colours="dark"
    ),
    Shot("own-account", _goes_to("/review/me"), height=620),
)

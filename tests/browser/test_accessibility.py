"""axe-core finds nothing serious on any page, light and dark, wide and narrow; nothing overflows.

The pages that need no id are found by the application's own routes, so that a new page is looked at too.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Clinician
from tests.browser.conftest import claim, ready, sign_in
from tests.browser.test_review import check_layout
from tests.review.conftest import add_reader
from web.grants import GRANTED, ROLES, Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
SMALLEST = 24
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
Sample = Callable[..., Case]
Window = Callable[..., Page]


def check(page: Page) -> None:
    """No violation of WCAG 2.2 A and AA, no overflow, no faint text, no target smaller than 24 pixels."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    told = [(one["id"], one["impact"], [node["html"][:90] for node in one["nodes"][:3]]) for one in found]
    assert told == [], page.url
    assert page.evaluate(SMALL_TARGETS, SMALLEST) == [], page.url
    check_layout(page)


# Links in running text are exempt (WCAG 2.5.8), and so is what nobody can see.
SMALL_TARGETS = """smallest => [...document.querySelectorAll(
    "button, summary, select, textarea, input:not([type=hidden]), [tabindex='0'], nav a, a.button")]
  .filter(one => one.checkVisibility() && !one.closest("[aria-hidden=true]"))
  .filter(one => !one.matches("[type=checkbox], [type=radio]") || !one.closest("label"))
  .filter(one => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < smallest)
  .map(one => one.outerHTML.slice(0, 90))"""


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def look(request: pytest.FixtureRequest, open_window: Window) -> Callable[[], Page]:
    """Opens windows of one width in one of the two colour schemes."""
    width, colours = request.param
    return lambda: open_window(width, 844, colours, expected="404")


def plain_pages(app: Flask, role: Role) -> Iterator[str]:
    """The addresses of the pages that this role may open and that need no id."""
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        is_page = access is not None and access.page and "GET" in (rule.methods or ())
        if is_page and not rule.arguments and role in GRANTED[rule.endpoint]:
            yield rule.rule


def is_html(page: Page, address: str) -> bool:
    """Whether a browser would show it as a page; not so a file to download."""
    answer = page.request.get(address)
    return answer.ok and "text/html" in answer.headers["content-type"]


def test_a_page_with_mistakes_is_found(open_window: Window) -> None:
    page = open_window(expected="404")
    page.set_content("<main><h1>A page</h1><button style='width:9px;height:9px'></button></main>")
    with pytest.raises(AssertionError, match="button-name"):
        check(page)
    page.set_content("<main><h1>A page</h1><button style='width:9px;height:9px'>x</button></main>")
    with pytest.raises(AssertionError):
        check(page)


def test_every_page_without_an_id(
    app: Flask, look: Callable[[], Page], session: Session, sample: Sample
) -> None:
    sample("sample-01")
    sample("sample-12")
    looked: set[str] = set()
    for role in ROLES:
        person = add_reader(session, f"{role}@example.org", role=role)
        page = look()
        page.goto("/review/sign-in")
        if not looked:
            check(page)
        sign_in(page, person, arrives=False)
        new = [address for address in plain_pages(app, role) if address not in looked]
        for address in filter(lambda address: is_html(page, address), new):
            page.goto(address)
            for summary in page.locator("main details:not([open]) > summary").all():
                summary.click()
            check(page)
        looked.update(new)
    assert {"/review/", "/surveillance/", "/review/known-cases", "/review/figures"} <= looked


def test_the_page_of_a_case_and_what_follows(
    look: Callable[[], Page], reader: Clinician, sample: Sample
) -> None:
    sample("sample-01", flags=["red_flag", "models_disagree", "incomplete_information"])
    page = look()
    sign_in(page, reader)
    claim(page)
    ready(page)
    check(page)
    for key in ("v", "s"):
        page.keyboard.press(key)
    check(page)
    for verdict in "ote":
        page.keyboard.press(verdict)
        page.keyboard.press("Escape")
        check(page)
    page.keyboard.press("?")
    check(page)
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    check(page)
    address = page.url
    page.goto(f"{address}/hand-over")
    check(page)
    page.goto(address)
    ready(page)
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Undo").wait_for()
    check(page)
    page.goto(address)
    check(page)
    page.goto("/review/cases/01900000-0000-7000-8000-000000000000")
    check(page)


def test_a_blind_case_and_a_case_without_ai_result(
    look: Callable[[], Page], reader: Clinician, sample: Sample
) -> None:
    sample("sample-02", blind=True)
    page = look()
    sign_in(page, reader)
    claim(page)
    ready(page)
    check(page)
    page.get_by_role("button", name="Give back").click()
    page.get_by_role("heading", name="Review queue").wait_for()
    sample("sample-12", accepted_at=now() - timedelta(days=1))
    page.reload()
    claim(page)
    ready(page)
    check(page)


def test_a_correction_a_trail_and_a_person(
    look: Callable[[], Page], session: Session, reader: Clinician, sample: Sample
) -> None:
    case = sample("sample-02")  # an emergency: final at once, and so to be corrected at once
    page = look()
    sign_in(page, reader)
    claim(page)
    ready(page)
    address = page.url
    for key in ("c", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("heading", name="Review queue").wait_for()
    page.goto(f"{address}/amend")
    page.get_by_label("Reason").wait_for()
    check(page)

    office = look()
    person = add_reader(session, "office@example.org", role="administrator")
    sign_in(office, person, arrives=False)
    office.goto(f"/review/trail?case={case.id}")
    office.get_by_role("table").wait_for()
    check(office)
    office.goto(f"/review/people/{reader.id}")
    check(office)

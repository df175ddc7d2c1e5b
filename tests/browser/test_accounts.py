"""Second factor and people's pages in a real browser: by keyboard, wide and narrow, light and dark."""

from collections.abc import Callable

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, Platform
from tests.browser.conftest import sign_in
from tests.browser.test_review import check_layout
from tests.factories import PASSWORD
from web.second_factor import STEP_SECONDS

pytestmark = pytest.mark.browser


def code_of(person: Clinician, session: Session) -> str:
    """A code that was not used yet: that of the step after the last one used."""
    session.refresh(person)
    assert person.totp_secret
    step = max(int(now().timestamp()) // STEP_SECONDS, (person.totp_last_step or 0) + 1)
    return pyotp.TOTP(person.totp_secret).generate_otp(step)


def type_credentials(page: Page, person: Clinician) -> None:
    page.goto("/review/sign-in")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def enrol(page: Page, person: Clinician, session: Session) -> None:
    """From the queue to a second factor."""
    page.get_by_role("link", name=person.name).click()
    page.get_by_role("link", name="Set up the second factor").click()
    page.get_by_role("button", name="Begin").click()
    picture = page.get_by_role("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    page.get_by_label("Six digits").fill(code_of(person, session))
    page.keyboard.press("Enter")
    expect(page.get_by_text("From now on you need a code")).to_be_visible()


def test_a_second_factor_is_set_up_and_given(
    open_window: Callable[..., Page], reader: Clinician, session: Session
) -> None:
    page = open_window()
    sign_in(page, reader)
    enrol(page, reader, session)
    page.get_by_role("button", name="Sign out").click()
    type_credentials(page, reader)
    expect(page.get_by_label("Six digits")).to_be_focused()
    page.keyboard.type(code_of(reader, session))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Review queue")).to_be_visible()


def test_an_administrator_adds_a_person_who_signs_in(
    open_window: Callable[..., Page], reader: Clinician, session: Session, platform: Platform
) -> None:
    reader.role = "administrator"
    session.commit()
    page, theirs = open_window(), open_window()
    type_credentials(page, reader)
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("E-mail address").fill("new@example.org")
    page.get_by_label("Name on the pages").fill("Dr New")
    page.get_by_label(platform.name).check()
    page.get_by_role("button", name="Add, and show a password").click()
    password = page.locator("code.secret").inner_text()
    theirs.goto("/")
    theirs.get_by_label("E-mail address").fill("new@example.org")
    theirs.get_by_label("Password").fill(password)
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("heading", name="Review queue")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_about_people_can_be_read_by_everybody(
    open_window: Callable[..., Page],
    reader: Clinician,
    session: Session,
    platform: Platform,
    width: int,
    colours: str,
) -> None:
    reader.role, reader.languages = "administrator", ["fr", "en"]
    session.commit()
    page = open_window(width, 800, colours)
    type_credentials(page, reader)
    page.get_by_role("heading", name="People").wait_for()
    for address in ("people", "people/new", f"people/{reader.id}", "me", "me/second-factor"):
        page.goto(f"/review/{address}")
        check_page(page)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Six digits").wait_for()
    check_page(page)
    page.get_by_label("Six digits").fill(code_of(reader, session))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").click()
    type_credentials(page, reader)
    page.get_by_label("Six digits").wait_for()
    check_page(page)


def check_page(page: Page) -> None:
    """Nothing overflows, contrasts are right, and axe-core finds nothing."""
    check_layout(page)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []

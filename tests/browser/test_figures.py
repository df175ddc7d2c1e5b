"""The pages of figures and of the trail with something on them: axe-core finds nothing, nothing overflows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Platform
from tests.browser.conftest import sign_in
from tests.browser.test_accessibility import check, look
from tests.factories import make_case
from tests.review.conftest import add_reader
from tests.review.figures.world import World

__all__ = ["look"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_figures_and_trail_with_something_on_them(
    look: Callable[[], Page], session: Session, platform: Platform
) -> None:
    World(session, now()).fill(320)
    case = make_case(session, platform)
    person = add_reader(session, "auditor@example.org", role="auditor")
    page = look()
    page.goto("/review/sign-in")
    sign_in(page, person, arrives=False)
    page.goto("/review/figures")
    assert page.locator("svg.plot").count() == 3, "two models' overrides, and agreement by week"
    assert page.locator("svg.bar-of").count() > 20
    check(page)
    page.goto("/review/trail")
    page.get_by_label("Id of the case").fill(str(case.id))
    page.get_by_role("button", name="Show").click()
    page.get_by_text("This chain is whole").wait_for()
    assert page.locator("table.trail tbody tr").count() == 2
    check(page)

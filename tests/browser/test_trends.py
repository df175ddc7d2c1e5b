"""The trend page in a real browser: the chart is drawn under the strict content policy, and fits a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from db.counts import iso_week
from db.ids import now
from db.models import Clinician, SurveillanceCount
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def counted(session: Session) -> str:
    """Two conditions in this week, one of them too few to be told; the week."""
    week = iso_week(now())
    for condition, count in (("mpox", 3), ("measles", 42)):
        session.add(
            SurveillanceCount(week=week, region="FR-75", condition=condition, status="suspected", count=count)
        )
    session.commit()
    return week


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (390, "dark")])
def test_the_chart_shows_published_counts_and_hides_small_ones(
    open_window: Callable[..., Page], reader: Clinician, counted: str, width: int, colours: str
) -> None:
    page = open_window(width, 844, colours)
    sign_in(page, reader)
    page.get_by_role("link", name="Surveillance").click()
    expect(page.get_by_role("heading", name="FR-75: suspected cases by week of acceptance")).to_be_visible()

    expect(page.locator("#chart canvas")).to_be_visible()
    legend = page.locator(".u-legend .u-series")
    expect(legend).to_have_count(3)
    expect(legend.nth(0)).to_contain_text(counted)
    expect(legend.nth(1)).to_contain_text("mpox")
    expect(legend.nth(1)).to_contain_text("1-10")
    expect(legend.nth(2)).to_contain_text("42")
    expect(page.get_by_role("row", name=counted).last).to_contain_text("1-10")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_another_status_is_chosen_by_the_form(window: Page, counted: str) -> None:
    window.goto("/surveillance/")
    window.get_by_label("Status").select_option("confirmed")
    window.get_by_role("button", name="Show").click()
    expect(window.get_by_text("No cases are counted for this choice")).to_be_visible()

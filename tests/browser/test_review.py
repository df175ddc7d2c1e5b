"""A clinician's ways through the pages, in a real browser."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.image_store import ImageStore, content_hash
from db.models import Case, Clinician, Review
from dermtriage.local.drawing import Picture, draw_jpeg
from tests.browser.conftest import look_at_the_queue, sign_in
from tests.factories import make_image
from tests.review.conftest import add_reader

pytestmark = pytest.mark.browser

ROUNDS = 200
GIVEN_BACK = {"status": "awaiting_review", "reviewer_id": None, "review_token": None, "review_until": None}
# Sends the claim and does not wait, so that both windows ask in the same moment.
BEGIN_TO_CLAIM = """case_id => {
  const form = new FormData(document.querySelector("main form"));
  form.set("case_id", case_id);
  window.answer = fetch("/review/claim", {method: "POST", body: form, redirect: "manual"}).then(() => true);
}"""

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]


@pytest.fixture
def photographed(waiting: Waiting, session: Session, images: ImageStore) -> Waiting:
    """Adds a waiting case with two drawn photographs."""

    def add(**fields: object) -> Case:
        case = waiting(**fields)
        for position in range(2):
            data = draw_jpeg(Picture(position, 3, "pustule", 5))
            images.put(case.platform_id, content_hash(data), data)
            make_image(session, case, sha256=content_hash(data), position=position)
        return case

    return add


def claim(window: Page) -> None:
    window.get_by_role("button", name="Claim the most urgent").click()
    window.get_by_role("heading", name="Your decision").wait_for()


def test_sign_in_claim_see_the_photograph_and_agree(
    window: Page, photographed: Waiting, stored: Stored
) -> None:
    case = photographed(condition="mpox", level="urgent")
    claim(window)
    photograph = window.get_by_alt_text("Photograph 1")
    expect(photograph).to_be_visible()
    assert photograph.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    expect(window.get_by_text("Preliminary - AI")).to_be_visible()
    expect(window.get_by_role("meter", name="mpox")).to_be_visible()
    window.get_by_role("button", name="Agree: suspected mpox").click()
    expect(window.get_by_text("Recorded: you agree with the AI result.")).to_be_visible()
    assert stored(case.id).status == "completed"


def test_override_with_level_diagnosis_and_reason(
    window: Page, photographed: Waiting, stored: Stored, session: Session
) -> None:
    case = photographed(condition="mpox", level="urgent")
    claim(window)
    window.locator("summary", has_text="Override").click()
    record = window.get_by_role("button", name="Record override")
    record.click()
    assert stored(case.id).status == "in_review", "the browser asks for level and reason first"
    window.get_by_label("Level", exact=True).select_option("routine")
    window.get_by_label("Diagnosis").select_option("chickenpox")
    window.get_by_label("Reason").fill("Vesicles of all ages.")
    record.click()
    expect(window.get_by_text("Recorded: your level replaces")).to_be_visible()
    assert (stored(case.id).status, stored(case.id).level) == ("completed", "routine")
    review = session.scalars(select(Review)).one()
    assert (review.diagnosis, review.reason) == ("chickenpox", "Vesicles of all ages.")


def test_retake_names_the_photograph(
    window: Page, photographed: Waiting, stored: Stored, session: Session
) -> None:
    case = photographed()
    claim(window)
    window.locator("summary", has_text="Retake").click()
    window.get_by_role("checkbox", name="Photograph 2").check()
    window.get_by_label("What to do better").fill("In daylight.")
    window.get_by_role("button", name="Ask for retake").click()
    expect(window.get_by_text("the platform is asked for new photographs")).to_be_visible()
    assert stored(case.id).status == "needs_retake"
    assert session.scalars(select(Review)).one().reason == "Photograph 2: In daylight."


def test_escalate_puts_the_case_back_more_urgent(window: Page, photographed: Waiting, stored: Stored) -> None:
    case = photographed(condition="nev", level="routine")
    claim(window)
    window.locator("summary", has_text="Escalate").click()
    window.get_by_role("button", name="Escalate").click()
    expect(window.get_by_text("the case is back in the queue, more urgent")).to_be_visible()
    assert (stored(case.id).status, stored(case.id).level) == ("awaiting_review", "urgent")


def test_one_form_is_open_at_a_time(window: Page, photographed: Waiting) -> None:
    photographed()
    claim(window)
    window.locator("summary", has_text="Override").click()
    window.locator("summary", has_text="Retake").click()
    expect(window.get_by_role("button", name="Record override")).to_be_hidden()
    expect(window.get_by_role("button", name="Ask for retake")).to_be_visible()


def test_two_people_who_want_one_case_one_gets_it(
    window: Page, open_window: Callable[..., Page], photographed: Waiting, session: Session
) -> None:
    other = open_window()
    photographed()
    sign_in(other, add_reader(session, "second@example.org"))
    window.reload()
    claim(window)
    other.locator("table").get_by_role("button", name="Claim").click()
    expect(other.get_by_text("Another clinician holds this case")).to_be_visible()


@pytest.mark.timeout(600)
def test_two_people_race_for_one_case_and_exactly_one_gets_it_each_time(
    window: Page, open_window: Callable[..., Page], waiting: Waiting, session: Session
) -> None:
    other = open_window()
    sign_in(other, add_reader(session, "second@example.org"))
    case = waiting()
    for page in (window, other):
        page.reload()
        page.locator("input[name=case_id]").first.wait_for(state="attached")
    for number in range(1, ROUNDS + 1):
        for page in (window, other):
            page.evaluate(BEGIN_TO_CLAIM, str(case.id))
        for page in (window, other):
            page.evaluate("() => window.answer")
        assert session.scalar(select(func.count(Review.id))) == number
        session.execute(update(Case).values(GIVEN_BACK))
        session.commit()


def test_the_keyboard_alone_leads_from_the_queue_to_a_recorded_decision(
    window: Page, photographed: Waiting, stored: Stored
) -> None:
    case = photographed(condition="nev", level="priority")
    look_at_the_queue(window)
    window.keyboard.press("Enter")
    window.get_by_role("heading", name="Your decision").wait_for()
    agree = window.get_by_role("button", name="Agree: naevus")
    for _ in range(30):
        if agree.evaluate("button => button === document.activeElement"):
            break
        window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    expect(window.get_by_text("Recorded: you agree")).to_be_visible()
    assert stored(case.id).status == "completed"


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window_and_each_text_can_be_read(
    open_window: Callable[..., Page], reader: Clinician, photographed: Waiting, width: int, colours: str
) -> None:
    photographed(flags=["red_flag", "models_disagree", "incomplete_information"])
    page = open_window(width, 800, colours)
    page.goto("/review/sign-in")
    check_layout(page)
    sign_in(page, reader)
    check_layout(page)
    claim(page)
    page.locator("summary", has_text="Override").click()
    check_layout(page)


def check_layout(page: Page) -> None:
    """Nothing overflows, and every text has the contrast of WCAG 2.2 AA (4.5, or 3 where it is large)."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate(FAINT_TEXTS) == []


FAINT_TEXTS = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.body.querySelectorAll('*')].filter(element =>
    element.checkVisibility() && [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  return texts.filter(element => {
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const pair = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    return (pair[0] + 0.05) / (pair[1] + 0.05) < (large ? 3 : 4.5);
  }).map(element => element.textContent.trim().slice(0, 40));
}"""

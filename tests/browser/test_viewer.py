"""The photographs of a case, looked at closely: by buttons, by wheel, by keys, and side by side."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy.orm import Session

from db.image_store import ImageStore
from db.models import Clinician, Platform
from tests.browser.conftest import claim, ready, sign_in
from tests.browser.scenes import add_sample

pytestmark = pytest.mark.browser


@pytest.fixture
def viewed(window: Page, session: Session, platform: Platform, images: ImageStore) -> Page:
    """The page of a case with two photographs and overlays, loaded."""
    add_sample(session, platform, images, "sample-01")
    window.reload()
    claim(window)
    ready(window)
    return window


def transform(page: Page, n: int = 0) -> str:
    found: str = page.locator(".picture").nth(n).evaluate("picture => picture.style.transform")
    return found


def stage(page: Page, n: int = 0) -> Locator:
    return page.locator(".stage").nth(n)


def box(locator: Locator) -> Any:
    found = locator.bounding_box()
    assert found
    return found


def test_buttons_and_keys_make_larger_turn_and_reset(viewed: Page) -> None:
    assert "scale(1)" in transform(viewed)
    viewed.get_by_role("button", name="Larger").click()
    viewed.keyboard.press("+")
    assert "scale(2.25)" in transform(viewed)
    viewed.keyboard.press("-")
    viewed.get_by_role("button", name="Smaller").click()
    viewed.keyboard.press("-")
    assert "scale(1)" in transform(viewed), "never smaller than its place"
    viewed.keyboard.press("r")
    assert "rotate(90deg)" in transform(viewed)
    viewed.keyboard.press("0")
    assert "rotate(0deg)" in transform(viewed)


def test_the_wheel_enlarges_around_the_pointer_and_a_drag_moves(viewed: Page) -> None:
    place = box(stage(viewed))
    x, y = place["x"] + 10, place["y"] + 10
    viewed.mouse.move(x, y)
    viewed.mouse.wheel(0, -100)
    viewed.wait_for_function("document.querySelector('.picture').style.transform.includes('scale(1.2)')")
    corner = transform(viewed)
    viewed.mouse.down()
    viewed.mouse.move(x - 60, y - 30, steps=4)
    viewed.mouse.up()
    assert transform(viewed) != corner


def test_a_click_brings_a_place_to_the_middle_for_who_cannot_drag(viewed: Page) -> None:
    place = box(stage(viewed))
    viewed.mouse.click(place["x"] + 60, place["y"] + 60)
    assert "scale(2)" in transform(viewed)
    right, down = re.findall(r"(-?[\d.]+)px", transform(viewed))
    assert (float(right) > 100, float(down) > 100) == (True, True)


def test_arrows_move_an_enlarged_photograph(viewed: Page) -> None:
    stage(viewed).focus()
    viewed.keyboard.press("+")
    before = transform(viewed)
    viewed.keyboard.press("ArrowLeft")
    assert transform(viewed) != before


def test_light_and_contrast_change_the_photograph_alone(viewed: Page) -> None:
    viewed.get_by_label("Light").fill("150")
    viewed.get_by_label("Contrast").fill("120")
    filters = viewed.evaluate(
        "[...document.querySelector('.picture').children].map(image => image.style.filter)"
    )
    assert filters == ["brightness(150%) contrast(120%)", ""]


def test_next_previous_and_two_side_by_side(viewed: Page) -> None:
    expect(viewed.get_by_alt_text("Photograph 2", exact=True)).to_be_hidden()
    viewed.keyboard.press("n")
    expect(viewed.get_by_alt_text("Photograph 2", exact=True)).to_be_visible()
    expect(viewed.get_by_alt_text("Photograph 1", exact=True)).to_be_hidden()
    viewed.keyboard.press("p")
    viewed.keyboard.press("v")
    expect(viewed.get_by_alt_text("Photograph 1", exact=True)).to_be_visible()
    expect(viewed.get_by_alt_text("Photograph 2", exact=True)).to_be_visible()
    first, second = box(stage(viewed, 0)), box(stage(viewed, 1))
    assert first["y"] == second["y"]
    assert abs(first["width"] - second["width"]) < 1
    stage(viewed, 1).focus()
    viewed.keyboard.press("r")
    assert "rotate(0deg)" in transform(viewed, 0)
    assert "rotate(90deg)" in transform(viewed, 1)
    viewed.get_by_role("button", name="Show photograph 2").click()
    viewed.keyboard.press("v")
    expect(viewed.get_by_alt_text("Photograph 1", exact=True)).to_be_hidden()


def test_the_overlay_is_switched_and_moves_with_its_photograph(viewed: Page) -> None:
    overlay = viewed.get_by_alt_text("Where the model looked in photograph 1")
    expect(overlay).to_be_hidden()
    viewed.keyboard.press("s")
    expect(overlay).to_be_visible()
    expect(viewed.get_by_text("not the border of the lesion").first).to_be_visible()
    viewed.keyboard.press("+")
    photograph = viewed.get_by_alt_text("Photograph 1", exact=True)
    assert box(overlay) == box(photograph)


def test_without_scripts_all_photographs_are_there(
    browser: Browser,
    address: str,
    reader: Clinician,
    session: Session,
    platform: Platform,
    images: ImageStore,
) -> None:
    add_sample(session, platform, images, "sample-01")
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, reader)
    claim(page)
    for alt in ("Photograph 1", "Photograph 2"):
        expect(page.get_by_alt_text(alt, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Larger")).to_be_hidden()
    page.get_by_label("Show where the model looked").first.check()
    expect(page.get_by_alt_text("Where the model looked in photograph 1")).to_be_visible()
    page.get_by_role("button", name="Agree: suspected mpox").click()
    expect(page.get_by_text("Recorded: you agree with the AI result.")).to_be_visible()
    context.close()

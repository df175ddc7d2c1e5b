"""The check sheet in a real browser: keys, what is saved, and that nothing outside it is asked for."""

import os
import re
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.training.textbooks.drawn import drawn
from training.textbooks.checked import Check, read_checked
from training.textbooks.modality.sheet import A_PAGE, Doubt, write_sheets
from training.textbooks.records import MODALITIES, Box, ModalityGuess, Pair

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WICKED = "<script>document.title='taken'</script><img src=https://example.org/x.png onerror=alert(1)>"


def doubt(folder, number, *, confidence=0.9, probability=0.5, caption="Psoriasis."):
    name, modality = f"p{number:04d}-f01", MODALITIES[number % 3]
    file = folder / f"{name}.png"
    if not file.exists():
        drawn(modality, number).save(file)
    box = Box(x0=0, y0=0, x1=1, y1=1)
    pair = Pair(
        id=name, book="atlas", page=number, figure=name, box=box, file=file.name, caption=caption,
        caption_page=number, confidence=confidence, reasons=(),
    )  # fmt: skip
    return Doubt("atlas", pair, ModalityGuess(id=name, modality=modality, probability=probability), file)


@pytest.fixture
def sheet(tmp_path):
    doubts = [doubt(tmp_path, number, probability=0.5 + number / 100) for number in range(8)]
    doubts.append(doubt(tmp_path, 8, confidence=0.2, caption=WICKED))
    write_sheets(tmp_path / "check", doubts)
    return tmp_path / "check" / "sheet-001.html"


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, sheet):
    page = browser.new_page(accept_downloads=True)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(sheet.as_uri())
    yield page
    page.close()


def saved(page, folder):
    with page.expect_download() as waiting:
        page.keyboard.press("s")
    waiting.value.save_as(folder / "saved.csv")
    return read_checked(folder / "saved.csv")


@pytest.mark.browser
def test_keys_set_move_and_undo_and_the_csv_is_read_back(page, tmp_path):
    for key in ("x", "3", "Enter", "1", "u", "2", "ArrowRight", "1"):
        page.keyboard.press(key)
    assert page.inner_text("#done") == "5"
    assert saved(page, tmp_path) == {
        ("atlas", "p0008-f01"): Check("pathological", False),
        ("atlas", "p0000-f01"): Check("pathological"),
        ("atlas", "p0001-f01"): Check("dermoscopic"),
        ("atlas", "p0002-f01"): Check("dermoscopic"),
        ("atlas", "p0004-f01"): Check("clinical"),
    }


@pytest.mark.browser
def test_the_rest_is_accepted_at_once_but_for_captions_in_doubt(page, tmp_path):
    page.keyboard.press("a")
    checks = saved(page, tmp_path)
    assert len(checks) == 8
    assert ("atlas", "p0008-f01") not in checks


@pytest.mark.browser
def test_answers_outlive_the_page(page, sheet):
    page.keyboard.press("Enter")
    page.goto("about:blank")
    page.goto(sheet.as_uri())
    assert page.inner_text("#done") == "1"


@pytest.mark.browser
def test_a_captions_script_is_text_and_nothing_outside_is_asked_for(page):
    assert page.title() == "Check sheet 1 of 1"
    assert WICKED in page.inner_text("article:first-child .caption")
    assert {url.split(":")[0] for url in page.asked} <= {"file", "data"}


def test_the_most_doubtful_come_first_and_pages_are_cut(tmp_path):
    doubts = [doubt(tmp_path, 0, probability=number / (2 * A_PAGE)) for number in range(A_PAGE + 1)]
    assert write_sheets(tmp_path / "check", reversed(doubts)) == 2
    first, second = (file.read_text() for file in sorted((tmp_path / "check").iterdir()))
    assert len(re.findall("<article", first)) == A_PAGE
    assert "guessed at 0 %" in first
    assert "guessed at 50 %" in second


def test_nothing_to_check_leaves_no_sheet(tmp_path, sheet):
    assert write_sheets(tmp_path / "check", []) == 0
    assert not list((tmp_path / "check").iterdir())

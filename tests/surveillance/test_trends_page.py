"""The page of trends: the published cells and nothing else, under the strict content policy."""

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from db.counts import iso_week
from db.ids import now
from surveillance.trend import Line, Trend
from surveillance.weeks import week_of, weeks_from_to
from tests.surveillance.conftest import Cells

THIS_WEEK = iso_week(now())


def _trend(page: str) -> dict[str, object]:
    block = re.search(r'<script type="application/json" id="trend">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    trend: dict[str, object] = json.loads(block[1])
    return trend


def test_it_shows_published_cells_and_hides_small_ones(
    reader: FlaskClient, count_cells: Callable[[Cells], None]
) -> None:
    count_cells(
        {
            (THIS_WEEK, "FR-75", "mpox", "suspected"): 7,
            (THIS_WEEK, "FR-75", "measles", "suspected"): 23,
            (THIS_WEEK, "FR-75", "measles", "confirmed"): 99,
            (THIS_WEEK, "DE-BE", "measles", "suspected"): 88,
        }
    )
    page = reader.get("/surveillance/?region=FR-75").text
    assert _trend(page) == {
        "weeks": [THIS_WEEK],
        "lines": [
            {"condition": "mpox", "name": "mpox", "counts": [None]},
            {"condition": "measles", "name": "measles", "counts": [23]},
        ],
        "threshold": 10,
    }
    assert re.findall(r"<td>(.*?)</td>", page) == ['<span class="hidden-count">1-10</span>', "23"]
    assert f"<dt>mpox</dt><dd><span>{THIS_WEEK}</span></dd>" in page


def test_another_status_and_one_condition_can_be_chosen(
    reader: FlaskClient, count_cells: Callable[[Cells], None]
) -> None:
    count_cells(
        {
            (THIS_WEEK, "FR-75", "mpox", "preliminary"): 50,
            (THIS_WEEK, "FR-75", "measles", "preliminary"): 60,
        }
    )
    page = reader.get("/surveillance/?region=FR-75&condition=mpox&status=preliminary").text
    assert [line["counts"] for line in _trend(page)["lines"]] == [[50]]  # type: ignore[attr-defined]
    assert "No clinician has made a diagnosis" in page


def test_before_anybody_decided_it_shows_what_the_model_saw(
    reader: FlaskClient, count_cells: Callable[[Cells], None]
) -> None:
    count_cells({(THIS_WEEK, "FR-75", "mpox", "preliminary"): 2})
    page = reader.get("/surveillance/").text
    assert "FR-75: preliminary cases" in page
    assert "there is nothing to draw" in page
    assert 'id="chart"' not in page

    count_cells({(THIS_WEEK, "FR-75", "mpox", "suspected"): 12})
    assert "FR-75: suspected cases" in reader.get("/surveillance/").text


def test_without_counts_it_says_so(reader: FlaskClient) -> None:
    assert "No cases are counted for this choice" in reader.get("/surveillance/").text


@pytest.mark.parametrize("query", ["status=rumoured", "region=Paris", "condition=flu", "group_by=region"])
def test_a_choice_that_does_not_exist_is_a_problem_page(reader: FlaskClient, query: str) -> None:
    answer = reader.get(f"/surveillance/?{query}")
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"


def test_it_needs_a_signed_in_clinician(client: FlaskClient) -> None:
    answer = client.get("/surveillance/")
    assert answer.status_code == 302
    assert "/review/" in answer.headers["Location"]


def test_scripts_and_styles_are_files_of_our_own(
    reader: FlaskClient, count_cells: Callable[[Cells], None]
) -> None:
    count_cells({(THIS_WEEK, "FR-75", "mpox", "suspected"): 20})
    answer = reader.get("/surveillance/")
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=", answer.text)
    files = re.findall(r'<script src="(.*?)"', answer.text) + re.findall(
        r'rel="stylesheet" href="(.*?)"', answer.text
    )
    assert len(files) == 5
    for file in files:
        with reader.get(file) as found:
            assert found.status_code == 200


def test_hidden_weeks_are_told_as_ranges() -> None:
    trend = Trend(
        ["2026-W01", "2026-W02", "2026-W03", "2026-W04"],
        [Line("mpox", "mpox", [None, None, 11, None]), Line("ack", "actinic keratosis", [0, 11, 12, 13])],
    )
    assert trend.hidden() == [("mpox", ["2026-W01 to 2026-W02", "2026-W04"])]
    assert trend.rows()[0] == ("2026-W04", [None, 13])


def test_weeks_cross_a_year_of_53_weeks() -> None:
    assert weeks_from_to("2026-W52", "2027-W01") == ["2026-W52", "2026-W53", "2027-W01"]
    assert week_of(now().date()) == THIS_WEEK

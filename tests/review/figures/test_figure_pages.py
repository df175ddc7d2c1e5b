"""Who sees which figures, on the page and as CSV; nothing of few cases is told."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Clinician, Platform, Review
from review.figures.export import harmless
from review.figures.figure import Figure
from review.figures.plot import plot_of
from review.figures.shown import cell, length
from review.figures.window import monday_of, window_until
from tests.factories import make_platform
from tests.review.figures.conftest import SignedIn
from tests.review.figures.world import World


@pytest.fixture
def world(session: Session) -> World:
    found = World(session, now())
    found.fill(150)
    return found


def _lines(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/review/figures.csv{query}")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(StringIO(answer.text)))


@pytest.mark.parametrize("role", ["senior", "administrator", "auditor"])
def test_watchers_see_readers_models_subgroups_and_drift(
    signed_in: SignedIn, world: World, role: str
) -> None:
    client = signed_in(role)
    answer = client.get("/review/figures")
    assert answer.status_code == 200
    for shown in ("Reader 0", "Reader 2", "model-1", "Skin type", "65 and over", "platform 2", "<svg"):
        assert shown in answer.text
    assert "style=" not in answer.text
    sections = {line["section"] for line in _lines(client)}
    assert sections == {
        "reader", "model", "all", "week", "skin_type", "age", "sex", "platform", "region", "drift",
    }  # fmt: skip


def test_clinicians_see_their_own_figures_only(signed_in: SignedIn, world: World, session: Session) -> None:
    one, *others = world.people
    client = signed_in("clinician", one)
    text = client.get("/review/figures").text
    assert one.name in text
    assert not any(other.name in text for other in others)
    assert "Model versions" not in text
    lines = _lines(client)
    assert {(line["section"], line["id"]) for line in lines} == {("reader", str(one.id))}
    decided = sum(int(line["n"]) for line in lines if line["measure"] == "decided")
    mine = session.scalars(
        select(Review).where(
            Review.clinician_id == one.id,
            Review.kind.not_in(("amendment", "known")),
            Review.decided_at >= window_until(now(), 8).start,
        )
    )
    standing = [it for it in mine if it.undone_at is None or it.undone_at < it.decided_at]
    assert decided == len(standing) > 30


@pytest.mark.parametrize("role", ["clinician", "senior"])
def test_nobody_sees_which_of_their_own_cases_were_known(
    signed_in: SignedIn, world: World, role: str
) -> None:
    one = world.people[0]
    known = {line["id"] for line in _lines(signed_in(role, one)) if line["kind"] == "known"}
    assert str(one.id) not in known
    assert bool(known) == (role == "senior")


def test_a_senior_sees_figures_of_the_cases_that_they_may_read(
    signed_in: SignedIn, world: World, session: Session
) -> None:
    german = signed_in("senior", regions=["DE"])
    regions = {line["id"] for line in _lines(german) if line["section"] == "region"}
    assert regions == {"DE-BE"}
    decided = sum(int(line["n"]) for line in _lines(german) if line["section"] == "all")
    everything = _lines(signed_in("administrator"))
    assert 0 < decided < sum(int(line["n"]) for line in everything if line["section"] == "all")


def test_the_platform_of_known_cases_does_not_count_as_one(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    reserved = make_platform(session, "known cases")
    for case in session.scalars(select(Case).where(Case.known)):
        case.platform_id = reserved.id
    session.commit()
    lines = _lines(signed_in("administrator"))
    assert "known cases" not in {line["id"] for line in lines}
    assert any(line["kind"] == "known" and line["measure"] == "known_level" for line in lines)


def test_of_fewer_than_ten_only_the_number_is_told(
    signed_in: SignedIn, session: Session, platform: Platform, reader: Clinician
) -> None:
    world = World(session, now())
    world.fill(12)
    lines = _lines(signed_in("administrator"), "?weeks=20")
    few = [
        line for line in lines if int(line["n"]) < 10 and line["measure"] not in ("decided", "z", "drifts")
    ]
    assert few
    assert {(line["value"], line["low"], line["high"]) for line in few} == {("", "", "")}
    assert "fewer than 10" in signed_in("auditor").get("/review/figures?weeks=20").text


@pytest.mark.parametrize("query", ["weeks=0", "weeks=105", "until=2025-W53", "until=2026", "other=1"])
def test_what_cannot_be_shown_is_refused(signed_in: SignedIn, query: str) -> None:
    assert signed_in("auditor").get(f"/review/figures?{query}").status_code == 422


@pytest.mark.parametrize("address", ["/review/figures", "/review/figures.csv"])
def test_figures_are_closed_to_analysts(signed_in: SignedIn, address: str) -> None:
    assert signed_in("analyst").get(address).status_code == 403


def test_an_empty_window_says_so(signed_in: SignedIn) -> None:
    text = signed_in("auditor").get("/review/figures?until=2020-W53&weeks=2").text
    assert "Weeks 2020-W52 to 2020-W53" in text
    assert "Nothing was decided in these weeks." in text


def test_windows_are_whole_weeks_across_the_year() -> None:
    window = window_until(monday_of("2027-W01") + timedelta(days=6, hours=23), 3)
    assert window.weeks == ["2026-W52", "2026-W53", "2027-W01"]
    assert (window.start, window.end) == (monday_of("2026-W52"), monday_of("2027-W02"))


def test_a_cell_tells_value_interval_and_number() -> None:
    shown = cell("late", Figure(0.25, 0.2, 0.31, 120))
    assert (shown.text, shown.interval, shown.number) == ("25%", "20% to 31%", "n 120")
    assert shown.bar == (25, 20, 31)
    assert cell("level_kappa", Figure(0.5, 0, 1, 50)).bar == (75, 50, 100)
    assert cell("time_on_case_seconds", Figure(65, 40, 90, 12)).interval == "40 s to 1 min 30 s"


def test_lengths_are_told_in_two_units() -> None:
    assert [length(s) for s in (9, 125, 3 * 3600 + 61, 100 * 3600)] == [
        "9 s", "2 min 5 s", "3 h 1 min", "4 d 4 h",
    ]  # fmt: skip


def test_a_plot_has_a_gap_where_a_week_is_not_told() -> None:
    weeks = ["2026-W01", "2026-W02", "2026-W03", "2026-W04"]
    told = Figure(0.5, 0.4, 0.6, 50)
    shares = dict.fromkeys(weeks, told) | {"2026-W02": Figure(None, None, None, 3)}
    plot = plot_of(weeks, shares, {"2026-W04"})
    assert plot is not None
    assert [(point.week, point.marked) for point in plot.points] == [
        ("2026-W01", False), ("2026-W03", False), ("2026-W04", True),
    ]  # fmt: skip
    assert [(one.week, other.week) for one, other in plot.segments] == [("2026-W03", "2026-W04")]
    assert plot_of(weeks, {}) is None


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum"])
def test_a_name_is_no_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("Dr Reader") == "Dr Reader"

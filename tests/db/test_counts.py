"""Counts follow the cases: by ISO week of acceptance in UTC, up and down, never below zero."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.counts import CountChange, change_counts, iso_week
from db.models import SurveillanceCount

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
PRELIMINARY = [{"condition": "mpox", "status": "preliminary"}]
SUSPECTED = [{"condition": "mpox", "status": "suspected"}]


def _counts(session: Session) -> dict[tuple[str, str, str], int]:
    rows = session.execute(
        select(
            SurveillanceCount.week,
            SurveillanceCount.condition,
            SurveillanceCount.status,
            SurveillanceCount.count,
        )
    )
    return {(week, condition, status): count for week, condition, status, count in rows}


def test_a_case_that_moves_leaves_one_cell_and_enters_another(session: Session) -> None:
    change_counts(session, [CountChange(MONDAY, "FR-75", [], PRELIMINARY)] * 3)
    change_counts(session, [CountChange(MONDAY, "FR-75", PRELIMINARY, SUSPECTED)])
    assert _counts(session) == {
        ("2026-W02", "mpox", "preliminary"): 2,
        ("2026-W02", "mpox", "suspected"): 1,
    }


def test_what_does_not_change_touches_no_row(session: Session) -> None:
    change_counts(session, [CountChange(MONDAY, "FR-75", PRELIMINARY, PRELIMINARY)])
    assert _counts(session) == {}


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 1, 4, 23, 59, tzinfo=UTC), "2026-W01"),
        (MONDAY, "2026-W02"),
        (datetime(2027, 1, 3, 12, tzinfo=UTC), "2026-W53"),
        (datetime(2026, 1, 5, 1, tzinfo=timezone(timedelta(hours=3))), "2026-W01"),
    ],
)
def test_weeks_are_iso_weeks_in_utc(moment: datetime, week: str) -> None:
    assert iso_week(moment) == week

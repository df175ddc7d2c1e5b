"""From targets to due times, over nights, weekends and holidays."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import LEVELS, Level, Policy, due_at, load_policy

POLICY = load_policy()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("level", "accepted", "due"),
    [
        ("emergency", "2026-06-05T23:50", "2026-06-06T00:05"),
        ("urgent", "2026-06-06T22:00", "2026-06-07T02:00"),
        ("priority", "2026-06-05T18:00", "2026-06-06T18:00"),
        ("routine", "2026-06-01T09:30", "2026-06-08T09:30"),
        ("routine", "2026-06-05T23:59", "2026-06-12T23:59"),
        ("routine", "2026-06-06T10:00", "2026-06-15T00:00"),
        ("routine", "2026-06-07T23:59", "2026-06-15T00:00"),
        ("routine", "2026-06-08T00:00", "2026-06-15T00:00"),
        ("not_gradable", "2026-06-03T12:00", "2026-06-10T12:00"),
        ("self_care", "2026-06-01T09:30", "2026-06-15T09:30"),
    ],
)
def test_a_case_is_due(level: Level, accepted: str, due: str) -> None:
    assert due_at(at(accepted), level, POLICY) == at(due)


def test_a_holiday_is_no_working_day() -> None:
    policy = Policy.model_validate(POLICY.model_dump() | {"holidays": ["2026-06-03", "2026-06-08"]})
    assert due_at(at("2026-06-01T09:30"), "routine", policy) == at("2026-06-10T09:30")
    assert due_at(at("2026-06-03T09:30"), "routine", policy) == at("2026-06-12T00:00")
    assert due_at(at("2026-06-03T09:30"), "urgent", policy) == at("2026-06-03T13:30")


def test_times_of_other_zones_are_counted_in_utc() -> None:
    monday_in_tokyo = datetime(2026, 6, 8, 8, 0, tzinfo=timezone(timedelta(hours=9)))
    due = due_at(monday_in_tokyo, "routine", POLICY)
    assert due == at("2026-06-15T00:00")
    assert due.tzinfo is UTC


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        due_at(datetime(2026, 6, 1, 9, 0), "urgent", POLICY)  # noqa: DTZ001


moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.timedeltas(timedelta(0), timedelta(days=30)), st.sampled_from(LEVELS))
def test_who_came_first_is_never_due_later(accepted: datetime, later: timedelta, level: Level) -> None:
    assert due_at(accepted, level, POLICY) <= due_at(accepted + later, level, POLICY)


@given(moments)
def test_the_more_urgent_a_level_the_sooner_it_is_due(accepted: datetime) -> None:
    due = [due_at(accepted, level, POLICY) for level in LEVELS]
    assert due == sorted(due)
    assert due[0] > accepted


@given(moments)
def test_five_working_days_begun_on_a_working_day_are_a_week(accepted: datetime) -> None:
    due = due_at(accepted, "routine", POLICY)
    assert due.weekday() < 5
    if accepted.weekday() < 5:
        assert due - accepted == POLICY.targets["routine"].elapsed == timedelta(days=7)

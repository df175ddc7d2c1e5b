"""From a level's target to the moment a case is due: hours by the clock, working days by the calendar.

Times are UTC. A working day is Monday to Friday and no holiday of the policy.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from triage.decision import Level
from triage.policy import Policy


def due_at(accepted_at: datetime, level: Level, policy: Policy) -> datetime:
    """When a case of `level` accepted at `accepted_at` must have been looked at, in UTC.

    Working days keep the time of day; a case accepted on a free day counts from the start of the next working
    day. Raises `ValueError` for a time without zone.
    """
    if accepted_at.tzinfo is None:
        raise ValueError("accepted_at needs a time zone")
    target = policy.targets[level]
    moment = accepted_at.astimezone(UTC)
    if target.unit != "working_days":
        return moment + target.elapsed
    return _after_working_days(moment, target.amount, policy.holidays)


def _after_working_days(moment: datetime, days: int, holidays: Collection[date]) -> datetime:
    if not _is_working_day(moment.date(), holidays):
        moment = datetime.combine(_next_working_day(moment.date(), holidays), time.min, UTC)
    day = moment.date()
    for _ in range(days):
        day = _next_working_day(day, holidays)
    return datetime.combine(day, moment.timetz())


def _next_working_day(day: date, holidays: Collection[date]) -> date:
    day += timedelta(days=1)
    while not _is_working_day(day, holidays):
        day += timedelta(days=1)
    return day


def _is_working_day(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < 5 and day not in holidays

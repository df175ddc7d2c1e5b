"""The time that figures are asked for: whole ISO weeks in UTC."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from db.counts import iso_week

WEEK = timedelta(weeks=1)


class Window(NamedTuple):
    """From the Monday of the first week to before the Monday after the last."""

    start: datetime
    end: datetime

    @property
    def weeks(self) -> list[str]:
        """The ISO weeks, oldest first."""
        return [iso_week(self.start + number * WEEK) for number in range((self.end - self.start) // WEEK)]

    def longer_by(self, weeks: int) -> "Window":
        """The same end, begun so many weeks earlier."""
        return Window(self.start - weeks * WEEK, self.end)


def monday_of(week: str) -> datetime:
    """When an ISO week such as 2026-W07 begins. Raises ValueError for one that the year does not have."""
    year, _, number = week.partition("-W")
    try:
        day = date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        raise ValueError("there is no such ISO week") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def window_until(last: datetime, weeks: int) -> Window:
    """So many weeks, of which the last is that of the moment `last`."""
    monday = last.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = monday - timedelta(days=monday.weekday()) + WEEK
    return Window(end - weeks * WEEK, end)

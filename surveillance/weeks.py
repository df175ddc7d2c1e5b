"""ISO weeks as text, such as 2026-W07: checking them and walking from one to the next."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field


def monday_of(week: str) -> date:
    """The first day of a week. Raises ValueError for a week that the year does not have."""
    year, _, number = week.partition("-W")
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        raise ValueError("there is no such ISO week") from None


def week_of(day: date) -> str:
    """The week in which a day lies."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def weeks_from_to(first: str, last: str) -> list[str]:
    """All weeks from the first to the last, both included."""
    start, end = monday_of(first), monday_of(last)
    return [week_of(start + timedelta(weeks=number)) for number in range((end - start).days // 7 + 1)]


def _exists(week: str) -> str:
    monday_of(week)
    return week


IsoWeek = Annotated[str, Field(pattern=r"^\d{4}-W\d{2}$", examples=["2026-W07"]), AfterValidator(_exists)]

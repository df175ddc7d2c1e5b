"""The figures as a table for a spreadsheet: one line a figure."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from review.figures.drift import Week
from review.figures.groups import Group

HEAD = ("section", "id", "label", "kind", "measure", "value", "low", "high", "n")
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(groups: Iterable[Group], weeks: Iterable[Week]) -> str:
    """All figures as CSV; an empty value is one of too few, or one that is not defined.

    For times, `low` and `high` are the quartiles around the median.
    """
    written = StringIO()
    lines = csv.writer(written)
    lines.writerow(HEAD)
    lines.writerows(_lines(groups))
    lines.writerows(_drift(weeks))
    return written.getvalue()


def _lines(groups: Iterable[Group]) -> Iterator[tuple[object, ...]]:
    for group in groups:
        named = (group.section, harmless(group.id), harmless(group.label), group.kind)
        yield (*named, "decided", group.decided, "", "", group.decided)
        for measure, figure in group.figures.items():
            yield (*named, measure, *(_number(value) for value in figure[:3]), figure.n)


def _drift(weeks: Iterable[Week]) -> Iterator[tuple[object, ...]]:
    for week in weeks:
        named = ("drift", week.revision, week.week, "first")
        yield (*named, "override_rate", *(_number(value) for value in week.share[:3]), week.n)
        yield (*named, "reference", *(_number(value) for value in week.reference[:3]), week.reference_n)
        yield (*named, "z", _number(week.z), "", "", week.n)
        yield (*named, "drifts", int(week.drifts), "", "", week.n)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text

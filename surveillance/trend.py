"""A region's trend: published cells as one line per condition, and as rows of a table.

Knows no SQL. Every number in it is a published cell; nothing is added up.
"""

from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext

from surveillance.cells import Cell
from triage import CONDITION_NAMES
from web.texts import said


@dataclass(frozen=True)
class Line:
    """One condition over the weeks: its counts, None where the cell is suppressed."""

    condition: str
    name: str
    counts: list[int | None]

    def gaps(self) -> list[int]:
        """The positions of the suppressed weeks."""
        return [at for at, count in enumerate(self.counts) if count is None]


@dataclass(frozen=True)
class Trend:
    """Lines over the same weeks, oldest first."""

    weeks: list[str]
    lines: list[Line]

    @property
    def can_be_drawn(self) -> bool:
        """True when at least one count is told and not zero."""
        return any(count for line in self.lines for count in line.counts)

    def rows(self) -> list[tuple[str, list[int | None]]]:
        """A week and the lines' counts in it, newest week first."""
        rows = [(week, [line.counts[at] for line in self.lines]) for at, week in enumerate(self.weeks)]
        return rows[::-1]

    def hidden(self) -> list[tuple[str, list[str]]]:
        """A line's name and the weeks, as ranges, in which its cell is suppressed, where there are any."""
        gaps = [(line.name, self._ranges(line.gaps())) for line in self.lines]
        return [(name, weeks) for name, weeks in gaps if weeks]

    def _ranges(self, positions: list[int]) -> list[str]:
        # Neighbours share the difference between their position in the weeks and their place in the list.
        runs = [
            [position for _, position in run]
            for _, run in groupby(enumerate(positions), lambda pair: pair[1] - pair[0])
        ]
        return [self._range(run[0], run[-1]) for run in runs]

    def _range(self, first: int, last: int) -> str:
        low, high = self.weeks[first], self.weeks[last]
        return low if first == last else str(gettext("%(low)s to %(high)s", low=low, high=high))


def trend_of(cells: list[Cell], weeks: list[str]) -> Trend:
    """The lines of cells that share one region and one status."""
    by_place = {(cell.key.condition, cell.key.week): cell.count for cell in cells}
    present = {condition for condition, _ in by_place}
    lines = [
        Line(condition, said(name), [by_place.get((condition, week), 0) for week in weeks])
        for condition, name in CONDITION_NAMES.items()
        if condition in present
    ]
    return Trend(weeks, lines)

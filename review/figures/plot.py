"""A line of shares over weeks, drawn as SVG by the page: this file only says where things lie.

No element needs a `style`: the pages' Content-Security-Policy forbids inline styles.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from review.figures.figure import Figure

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 34


class Point(NamedTuple):
    """One week's share with its interval, in the picture's units."""

    week: str
    x: float
    y: float
    low: float
    high: float
    marked: bool


class Plot(NamedTuple):
    """All that is drawn: `segments` are lines between neighbouring weeks that are both told."""

    points: list[Point]
    segments: list[tuple[Point, Point]]
    weeks: list[tuple[float, str]]
    shares: list[tuple[float, str]]

    @property
    def box(self) -> str:
        """The picture's viewBox."""
        return f"0 0 {WIDTH} {HEIGHT}"


def plot_of(weeks: Sequence[str], shares: Mapping[str, Figure], marked: Collection[str] = ()) -> Plot | None:
    """The plot of shares by week; None where no week's share may be told."""
    step = (WIDTH - LEFT - RIGHT) / len(weeks)
    across = {week: round(LEFT + (place + 0.5) * step, 1) for place, week in enumerate(weeks)}
    points = [
        Point(week, across[week], _up(figure.value), _up(figure.low), _up(figure.high), week in marked)
        for week, figure in ((week, shares[week]) for week in weeks if week in shares)
        if figure.value is not None and figure.low is not None and figure.high is not None
    ]
    if not points:
        return None
    neighbours = [(one, other) for one, other in pairwise(points) if other.x - one.x < 1.5 * step]
    every = -(-len(weeks) // 8)
    named = [(across[week], week[5:]) for place, week in enumerate(weeks) if place % every == 0]
    return Plot(points, neighbours, named, [(_up(share / 4), f"{share / 4:.0%}") for share in range(5)])


def _up(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

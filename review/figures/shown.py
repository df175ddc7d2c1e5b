"""A figure as a cell of a table: words, and places for a small bar. Knows no SQL."""

from typing import NamedTuple

from flask_babel import gettext as _

from review.figures.figure import MINIMUM, Figure

BAR = 100


class Bar(NamedTuple):
    """Where value and interval lie on a line of length `BAR`."""

    at: float
    low: float
    high: float


class Cell(NamedTuple):
    """The value, its interval, the number it rests on; `bar` for shares and kappa."""

    text: str
    interval: str
    number: str
    bar: Bar | None = None


def cell(measure: str, figure: Figure) -> Cell:
    """A figure in words; one of too few, or that is not defined, says so and no more."""
    number = _("n %(n)s", n=figure.n)
    if figure.value is None or figure.low is None or figure.high is None:
        few = _("fewer than %(n)s", n=MINIMUM) if figure.n < MINIMUM else _("not defined")
        return Cell(few if figure.n else _("none"), "", number if figure.n else "")
    if measure.endswith("_seconds"):
        quartiles = _("%(low)s to %(high)s", low=length(figure.low), high=length(figure.high))
        return Cell(length(figure.value), quartiles, number)
    if measure.endswith("_kappa"):
        texts = [f"{number:.2f}" for number in figure[:3] if number is not None]
        places = [(number + 1) / 2 * BAR for number in figure[:3] if number is not None]
    else:
        texts = [f"{number:.0%}" for number in figure[:3] if number is not None]
        places = [number * BAR for number in figure[:3] if number is not None]
    interval = _("%(low)s to %(high)s", low=texts[1], high=texts[2])
    return Cell(texts[0], interval, number, Bar(*(round(place, 1) for place in places)))


def length(seconds: float) -> str:
    """`45 s`, `2 min 5 s`, `3 h 10 min`, `2 d 4 h`."""
    whole = round(seconds)
    if whole < 60:
        return str(_("%(seconds)s s", seconds=whole))
    if whole < 3600:
        return str(_("%(minutes)s min %(seconds)s s", minutes=whole // 60, seconds=whole % 60))
    if whole < 86_400:
        return str(_("%(hours)s h %(minutes)s min", hours=whole // 3600, minutes=whole % 3600 // 60))
    return str(_("%(days)s d %(hours)s h", days=whole // 86_400, hours=whole % 86_400 // 3600))

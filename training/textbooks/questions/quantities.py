"""Numbers with their units, brought to one unit a kind so that "14 days" equals "2 weeks"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isclose

from training.textbooks.clean.labels import folded
from training.textbooks.clean.numerals import NUMERAL, value_of

_TIMES = {"year": 365.25, "yr": 365.25, "month": 30.44, "week": 7.0, "day": 1.0, "hour": 1 / 24}
_LENGTHS = {
    "mm": 1.0,
    "millimetre": 1.0,
    "millimeter": 1.0,
    "cm": 10.0,
    "centimetre": 10.0,
    "centimeter": 10.0,
}
_UNIT = (
    r"years?|yrs?|months?|weeks?|days?|hours?|mm|cm|(?:milli|centi)met(?:re|er)s?|%|per ?cent|mg|kg|g|ml|x"
)
NUMBER_WITH_UNIT = re.compile(rf"(?:(?<![\w.])|(?<=\bx))({NUMERAL})(?:\s?({_UNIT})(?![a-z]))?(?!\w)(?!\.\d)")
_AGE_AFTER = re.compile(r"^ ?(?:old\b|of age\b)")
_AGE_BEFORE = re.compile(r"(?:\baged?|\bage of|\bage is|\bage was)(?: (?:is|was|about|approximately))? ?$")


@dataclass(frozen=True)
class Quantity:
    """`value` in the unit of its kind (times in days, lengths in mm), `bare` as written.

    `kind`: time, length, another unit, or empty where none is written.
    """

    text: str
    value: float
    bare: float
    unit: str
    kind: str
    is_age: bool


def quantities(text: str) -> Iterator[Quantity]:
    """The numbers of a text. "One" without a unit is a pronoun as often as a number, and is passed over."""
    plain = halves_in_figures(folded(text))
    for found in NUMBER_WITH_UNIT.finditer(plain):
        numeral, unit = found.group(1), (found.group(2) or "").rstrip("s")
        if numeral == "one" and not unit:
            continue
        factor, kind = _measure(unit)
        old = _AGE_AFTER.search(plain[found.end() :]) or _AGE_BEFORE.search(plain[: found.start()])
        yield Quantity(
            found.group().strip(), value_of(numeral) * factor, value_of(numeral), unit, kind, bool(old)
        )


def halves_in_figures(plain: str) -> str:
    """ "Half a year" as 0.5 year."""
    return re.sub(r"\bhalf an? (?=year|month|day|hour|centi|milli)", "0.5 ", plain)


def are_equal(one: Quantity, other: Quantity) -> bool:
    """Same amount; where both have a unit, of the same kind."""
    if one.kind and other.kind and one.kind != other.kind:
        return False
    if bool(one.kind) != bool(other.kind):
        return isclose(one.bare, other.bare)
    if one.unit == other.unit:
        return isclose(one.bare, other.bare)
    # Months and years are no whole numbers of days.
    return isclose(one.value, other.value, rel_tol=0.02)


def _measure(unit: str) -> tuple[float, str]:
    if unit in _TIMES:
        return _TIMES[unit], "time"
    if unit in _LENGTHS:
        return _LENGTHS[unit], "length"
    return 1.0, {"per cent": "%", "percent": "%"}.get(unit, unit)

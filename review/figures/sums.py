"""Readings summed up by reader or by model version, in SQL: pairs to compare, and counts."""

from collections import defaultdict
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Float,
    Row,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from review.figures.kappa import Pairs


class Key(NamedTuple):
    """Whose readings: of a `reader` or a `model` (`by`), its id, and the kind of readings."""

    by: str
    id: str
    kind: str


def pairs_of(session: Session, readings: CTE) -> dict[Key, dict[str, Pairs]]:
    """Per group and aspect: how often the one said this and the reader that.

    `level` and `diagnosis` compare the AI result with the reader, `blind_level` and `blind_diagnosis` with
    what the reader recorded before seeing it, `known_level` and `known_diagnosis` the truth of known cases
    with the reader.
    """
    parts = [
        _pairs(readings, by, aspect, one, other, where)
        for by in _GROUPS
        for aspect, (one, other, where) in _aspects(readings).items()
    ]
    found: dict[Key, dict[str, dict[tuple[str, str], int]]] = defaultdict(lambda: defaultdict(dict))
    for by, key, kind, aspect, one, other, count in session.execute(union_all(*parts)):
        found[Key(by, key, kind)][aspect][one, other] = count
    return {key: dict(aspects) for key, aspects in found.items()}


def counts_of(session: Session, readings: CTE) -> dict[Key, Row[Any]]:
    """Per group: decisions, overrides, who was right where the truth is known, times."""
    rows = session.execute(union_all(*(_counts(readings, by) for by in _GROUPS)))
    return {Key(row.by, row.key, row.kind): row for row in rows}


QUARTILES = [0.25, 0.5, 0.75]
# A model version is judged by first readings only: a second reader may know the first one's answer.
_GROUPS: dict[str, tuple[str, ...]] = {"reader": (), "model": ("first",)}


def _group(readings: CTE, by: str) -> tuple[ColumnElement[str], ColumnElement[bool]]:
    key = cast(readings.c.clinician_id, Text) if by == "reader" else readings.c.model
    kinds = _GROUPS[by]
    return key, and_(key.is_not(None), readings.c.kind.in_(kinds)) if kinds else key.is_not(None)


def _aspects(
    readings: CTE,
) -> dict[str, tuple[ColumnElement[str], ColumnElement[str], ColumnElement[bool]]]:
    it = readings.c
    compared, known = and_(it.graded, it.answered), and_(it.kind == "known", it.answered)
    blind = and_(it.graded, it.blind)
    return {
        "level": (it.ai_level, it.level, compared),
        "diagnosis": (it.ai_condition, it.diagnosis, compared),
        "blind_level": (it.ai_level, it.blind_level, blind),
        "blind_diagnosis": (it.ai_condition, it.blind_diagnosis, blind),
        "known_level": (it.true_level, it.level, known),
        "known_diagnosis": (it.true_diagnosis, it.diagnosis, known),
    }


def _pairs(
    readings: CTE,
    by: str,
    aspect: str,
    one: ColumnElement[str],
    other: ColumnElement[str],
    where: ColumnElement[bool],
) -> Select[Any]:
    key, belongs = _group(readings, by)
    return (
        select(literal(by), key, readings.c.kind, literal(aspect), one, other, func.count())
        .where(belongs, where, one.is_not(None), other.is_not(None))
        .group_by(key, readings.c.kind, one, other)
    )


def _counts(readings: CTE, by: str) -> Select[Any]:
    it = readings.c
    key, belongs = _group(readings, by)
    compared = and_(it.graded, it.answered)
    judged = and_(compared, it.true_level.is_not(None), it.kind != "adjudication")
    right, wrong = (
        and_(judged, it.ai_level == it.true_level),
        and_(judged, it.ai_level != it.true_level),
    )
    timed = and_(it.kind == "first", it.answered)
    late = and_(timed, it.late_by > 0)
    return (
        select(
            literal(by).label("by"),
            key.label("key"),
            it.kind,
            func.count().label("decided"),
            _how_many("compared", compared),
            _how_many("overridden", compared, it.verdict == "override"),
            _how_many("ai_right", right),
            _how_many("overturned", right, it.level != it.ai_level),
            _how_many("ai_wrong", wrong),
            _how_many("followed", wrong, it.level == it.ai_level),
            _how_many("corrected", wrong, it.level == it.true_level),
            _quartiles(it.seconds).label("seconds"),
            _how_many("timed", timed),
            _how_many("late", late),
            _quartiles(it.late_by).filter(late).label("late_by"),
        )
        .where(belongs)
        .group_by(key, it.kind)
    )


def _how_many(name: str, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(*conditions).label(name)


def _quartiles(of: ColumnElement[Any]) -> Any:
    return func.percentile_cont(literal(QUARTILES, ARRAY(Float))).within_group(of)

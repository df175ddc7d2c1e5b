"""The AI result against final decisions, by subgroup and week, summed up in SQL.

The final decision of a case is the newest answer among its first reading, its adjudication and their
corrections, once the case is completed and can no more be undone. Known cases are no cases.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from db.models import Assessment, Case, Platform
from review.figures.readings import ANSWERS, ai_condition, answers, week_of
from review.figures.window import Window
from triage import RANK

DIMENSIONS = ("all", "week", "model", "skin_type", "age", "sex", "platform", "region")
NOT_STATED = "not stated"
# Below which age, in whole years, each band ends.
AGE_BANDS = ((2, "under 2"), (12, "2 to 11"), (18, "12 to 17"), (40, "18 to 39"), (65, "40 to 64"))
OLDEST = "65 and over"


def final_decisions(window: Window, scope: Sequence[ColumnElement[bool]], at: datetime) -> CTE:
    """Cases finally decided in a window, whose AI result could be graded: both answers, and the subgroups."""
    kinds = ("first", "adjudication")
    made = answers(window.start, window.end, kinds, newest_by_anyone=True, scope=scope)
    final = (
        select(*made.c)
        .where(made.c.verdict.in_(ANSWERS))
        .ext(distinct_on(made.c.case_id))
        .order_by(made.c.case_id, made.c.decided_at.desc(), made.c.id.desc())
        .subquery()
    )
    years = cast(Case.clinical["age"]["years"].astext, Integer)
    return (
        select(
            final.c.level,
            final.c.diagnosis,
            Assessment.level.label("ai_level"),
            ai_condition().label("ai_condition"),
            literal("").label("all"),
            week_of(final.c.decided_at).label("week"),
            cast(Assessment.model_version_id, Text).label("model"),
            func.coalesce(Case.clinical["fitzpatrick"].astext, NOT_STATED).label("skin_type"),
            case(*((years < end, band) for end, band in AGE_BANDS), else_=OLDEST).label("age"),
            func.coalesce(Case.clinical["sex"].astext, "unknown").label("sex"),
            Platform.name.label("platform"),
            Case.region.label("region"),
        )
        .join(Case, Case.id == final.c.case_id)
        .join(Platform, Platform.id == Case.platform_id)
        .join(Assessment, Assessment.id == final.c.assessment_id)
        .where(
            Case.status == "completed",
            Case.final_at <= at,
            Case.known.is_(False),
            Assessment.level != "not_gradable",
        )
        .cte("finals")
    )


def performance(session: Session, finals: CTE) -> list[Row[Any]]:
    """Per dimension and value: how often the AI result was as the final decision, less or more urgent."""
    rows = session.execute(union_all(*(_by(finals, dimension) for dimension in DIMENSIONS)))
    ages = [band for _, band in AGE_BANDS]

    def place(row: Row[Any]) -> tuple[int, int, str]:
        young = ages.index(row.value) if row.value in ages else len(ages)
        return (DIMENSIONS.index(row.dimension), young if row.dimension == "age" else 0, row.value)

    return sorted(rows, key=place)


def _by(finals: CTE, dimension: str) -> Select[Any]:
    it, value = finals.c, finals.c[dimension]
    ai, final = _rank(it.ai_level), _rank(it.level)
    diagnosed = and_(it.diagnosis.is_not(None), it.ai_condition.is_not(None))
    return (
        select(
            literal(dimension).label("dimension"),
            value.label("value"),
            func.count().label("n"),
            func.count().filter(it.ai_level == it.level).label("same_level"),
            func.count().filter(ai > final).label("less_urgent"),
            func.count().filter(ai < final).label("more_urgent"),
            func.count().filter(diagnosed).label("diagnosed"),
            func.count().filter(diagnosed, it.ai_condition == it.diagnosis).label("same_diagnosis"),
        )
        .group_by(value)
    )  # fmt: skip


def _rank(level: ColumnElement[str]) -> ColumnElement[int]:
    return case(*((level == name, rank) for name, rank in RANK.items()))

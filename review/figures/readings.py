"""The readings that figures count, as SQL: each decided one, with its newest answer, beside the AI result.

A decision that was undone never counts. A reading counts for who made it, by the newest answer of the same
person: a correction by somebody else says what is true of the case (`newest_by_anyone`), not what this person
read. Kinds are told apart: first, second, adjudication, known.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import aliased

from db.models import Assessment, Case, KnownCase, Review
from review.figures.window import Window

KINDS = ("first", "second", "adjudication", "known")
ANSWERS = ("confirm", "override")


def stands(review: Any) -> ColumnElement[bool]:
    """True for a decision that was made, and not undone since."""
    return and_(
        review.decided_at.is_not(None),
        or_(review.undone_at.is_(None), review.undone_at < review.decided_at),
    )


def answers(
    since: datetime,
    until: datetime | None,
    kinds: Sequence[str],
    *,
    newest_by_anyone: bool,
    scope: Sequence[ColumnElement[bool]] = (),
) -> Subquery:
    """Decided reviews of these kinds, a row each, with the newest answer: `verdict`, `level`, `diagnosis`.

    `scope` are conditions on reviews and cases.
    """
    newest = _corrections(since, newest_by_anyone).subquery()
    when = [Review.decided_at >= since]
    if until is not None:
        when.append(Review.decided_at < until)

    def answer(name: str) -> ColumnElement[Any]:
        corrected = case((newest.c.corrects.is_not(None), newest.c[name]), else_=getattr(Review, name))
        return corrected.label(name)

    return (
        select(
            Review.id,
            Review.case_id,
            Review.clinician_id,
            Review.kind,
            Review.assessment_id,
            Review.claimed_at,
            Review.decided_at,
            Review.blind,
            Review.blind_level,
            Review.blind_diagnosis,
            answer("verdict"),
            answer("level"),
            answer("diagnosis"),
        )
        .join(Case, Case.id == Review.case_id)
        .outerjoin(newest, newest.c.corrects == Review.id)
        .where(stands(Review), Review.kind.in_(kinds), *when, *scope)
        .subquery()
    )


def _corrections(since: datetime, by_anyone: bool) -> Select[Any]:
    """For each corrected review the newest correction; corrections of corrections count for the first one."""
    made = (Review.kind == "amendment", stands(Review), Review.decided_at >= since)
    chain = select(Review.id, Review.supersedes_id.label("corrects")).where(*made).cte(recursive=True)
    earlier = aliased(Review)
    chain = chain.union_all(
        select(chain.c.id, earlier.supersedes_id)
        .join(earlier, earlier.id == chain.c.corrects)
        .where(earlier.kind == "amendment")
    )
    newest, first = aliased(Review), aliased(Review)
    return (
        select(chain.c.corrects, newest.verdict, newest.level, newest.diagnosis)
        .join(newest, newest.id == chain.c.id)
        .join(first, first.id == chain.c.corrects)
        .where(first.kind != "amendment", or_(literal(by_anyone), newest.clinician_id == first.clinician_id))
        .ext(distinct_on(chain.c.corrects))
        .order_by(chain.c.corrects, newest.decided_at.desc(), newest.id.desc())
    )


def ai_condition() -> ColumnElement[str]:
    """The most probable condition of an assessment."""
    found = func.jsonb_array_elements(Assessment.findings).table_valued(
        column("value", JSONB), with_ordinality="place"
    )
    found = found.render_derived()
    probability = cast(found.c.value["probability"].astext, Float)
    return (
        select(found.c.value["condition"].astext)
        .order_by(probability.desc(), found.c.place)
        .limit(1)
        .scalar_subquery()
    )


def readings(window: Window, scope: Sequence[ColumnElement[bool]] = ()) -> CTE:
    """The readings decided in a window: answer, AI result, truth where it is known, and times.

    `scope` are conditions on reviews and cases. `graded`: there is an AI result with a level to compare.
    """
    answer = answers(window.start, window.end, KINDS, newest_by_anyone=False, scope=scope)
    truth = _truth(window).subquery()
    return (
        select(
            *answer.c,
            answer.c.verdict.in_(ANSWERS).label("answered"),
            func.coalesce(Assessment.level != "not_gradable", False).label("graded"),
            Assessment.level.label("ai_level"),
            ai_condition().label("ai_condition"),
            cast(Assessment.model_version_id, Text).label("model"),
            Case.due_at,
            truth.c.level.label("true_level"),
            truth.c.diagnosis.label("true_diagnosis"),
            func.extract("epoch", answer.c.decided_at - answer.c.claimed_at).label("seconds"),
            func.extract("epoch", answer.c.decided_at - Case.due_at).label("late_by"),
            week_of(answer.c.decided_at).label("week"),
        )
        .join(Case, Case.id == answer.c.case_id)
        .outerjoin(Assessment, Assessment.id == answer.c.assessment_id)
        .outerjoin(truth, truth.c.case_id == answer.c.case_id)
        .cte("readings")
    )


def week_of(moment: ColumnElement[Any]) -> ColumnElement[str]:
    """The ISO week of a moment in UTC, such as 2026-W07."""
    return func.to_char(func.timezone("UTC", moment), 'IYYY-"W"IW')


def _truth(window: Window) -> Select[Any]:
    """What a case is known to be: by its newest adjudication, or because it is a known case."""
    judged = answers(window.start, None, ("adjudication",), newest_by_anyone=True)
    adjudicated = (
        select(judged.c.case_id, judged.c.level, judged.c.diagnosis)
        .where(judged.c.verdict.in_(ANSWERS))
        .ext(distinct_on(judged.c.case_id))
        .order_by(judged.c.case_id, judged.c.decided_at.desc(), judged.c.id.desc())
        .cte("adjudicated")
    )
    known = select(KnownCase.case_id, KnownCase.level, KnownCase.diagnosis)
    both = union_all(
        select(adjudicated), known.where(KnownCase.case_id.not_in(select(adjudicated.c.case_id)))
    )
    return select(both.subquery())

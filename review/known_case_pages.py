"""The administrators' page of known cases: which there are, how often each was read, a form for a new one."""

from typing import Any, NamedTuple, cast, get_args
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Case, KnownCase, Review
from review import known_cases as copies
from review.pages import pages
from review.schemas import GivenLevel
from review.verdicts import coded
from triage import LEVELS, Level
from web.access import clinician_id, page
from web.problem import Problem, not_found
from web.services import services
from web.texts import refusal_said


class Listed(NamedTuple):
    """A known case in the list."""

    known: KnownCase
    status: str
    readings: int


@pages.get("/known-cases")
@page
def known_cases() -> ResponseReturnValue:
    """All known cases, newest first."""
    with services().sessions() as session:
        return render_template(
            "review/known_cases.html",
            listed=_listed(session),
            levels=LEVELS,
            diagnoses=services().diagnoses.diagnoses,
        )


@pages.post("/known-cases")
@page
def seed_known_case() -> ResponseReturnValue:
    """Copy a decided case into the queue, to be read like any other."""
    try:
        _seed()
    except Problem as problem:
        flash(refusal_said(problem.detail))
    else:
        flash(_("The known case waits in the queue."))
    return redirect(url_for("review_pages.known_cases"))


def _seed() -> None:
    given = services()
    diagnosis, _code = coded(request.form.get("diagnosis") or None, given.diagnoses, "diagnosis")
    level = request.form.get("level", "")
    try:
        case_id = UUID(request.form.get("case_id", "").strip())
    except ValueError as error:
        raise not_found("No case") from error
    copies.seed(
        given.sessions, given.images, given.policy, clinician_id(), case_id,
        level=cast(Level, level) if level in get_args(GivenLevel) else None, diagnosis=diagnosis,
    )  # fmt: skip


def _listed(session: Session) -> list[Listed]:
    readings: Any = (
        select(func.count())
        .where(Review.case_id == KnownCase.case_id, Review.decided_at.is_not(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(KnownCase, Case.status, readings)
        .join(Case, Case.id == KnownCase.case_id)
        .order_by(KnownCase.created_at.desc())
    )
    return [Listed(*row) for row in rows]

"""The pages' forms for a blind reading, for undoing a decision, and for correcting one."""

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from review import actions
from review.amendments import amendable
from review.case_pages import case_page
from review.decision_form import amendment_from, errors_in_words, reveal_from
from review.pages import pages
from triage import LEVELS
from web.access import clinician_id, page
from web.problem import Problem
from web.services import services


@pages.post("/cases/<uuid:review_id>/reveal")
@page
def reveal(review_id: UUID) -> ResponseReturnValue:
    """Record the reader's own reading, and show the AI result."""
    try:
        actions.record_blind_reading(review_id, reveal_from(request.form))
    except Problem as problem:
        if problem.status == 404:
            raise
        return make_response(case_page(review_id, problem), problem.status)
    return redirect(url_for("review_pages.case", review_id=review_id))


@pages.post("/cases/<uuid:review_id>/undo")
@page
def undo(review_id: UUID) -> ResponseReturnValue:
    """Take a decision back, and open the case again."""
    try:
        actions.undo_decision(review_id)
    except Problem as problem:
        if problem.status == 404:
            raise
        return make_response(case_page(review_id, problem), problem.status)
    flash(_("Your decision is undone. The case is in your hands again."))
    return redirect(url_for("review_pages.case", review_id=review_id))


@pages.get("/cases/<uuid:review_id>/amend")
@page
def amend(review_id: UUID) -> ResponseReturnValue:
    """The form to correct the decision that stands."""
    return _amend_page(review_id)


@pages.post("/cases/<uuid:review_id>/amend", endpoint="amend_now")
@page
def amend_now(review_id: UUID) -> ResponseReturnValue:
    """Record the correction; where that fails, show why, with all that was typed."""
    try:
        amendment_id = actions.record_amendment(review_id, amendment_from(request.form))
    except Problem as problem:
        if problem.status == 404:
            raise
        return make_response(_amend_page(review_id, problem), problem.status)
    flash(_("The correction is recorded."))
    return redirect(url_for("review_pages.case", review_id=amendment_id))


def _amend_page(review_id: UUID, problem: Problem | None = None) -> str:
    with services().sessions() as session:
        case, review = amendable(session, clinician_id(), review_id)
    return render_template(
        "review/amend.html",
        case=case,
        review=review,
        errors=errors_in_words(problem) if problem else [],
        typed=request.form,
        levels=LEVELS,
        diagnoses=services().diagnoses.diagnoses,
    )

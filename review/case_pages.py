"""The page of one case, for who holds it: all on one screen, with the decision beside it."""

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from db.ids import now
from db.models import Review
from review import keeping, reading
from review.actions import overlay_response, photograph_response, record_decision
from review.beside import beside, typed_or_kept
from review.blueprint import settings
from review.decision_form import decision_from, errors_in_words
from review.model_limits import known_limits
from review.pages import pages
from review.schemas import Verdict
from review.undoing import undo_until
from review.verdicts import cannot_confirm, raised_levels
from review.wording import prediction_set_in_words, said, sections, signals_in_words
from triage import LEVELS, Clinical, facts_in_words
from web.access import clinician_id, page
from web.problem import Problem
from web.services import services

RECORDED: dict[Verdict, LazyString] = {
    "confirm": lazy_gettext("Recorded: you agree with the AI result."),
    "override": lazy_gettext("Recorded: your level replaces that of the AI result."),
    "retake": lazy_gettext("Recorded: the platform is asked for new photographs."),
    "escalate": lazy_gettext("Recorded: the case is back in the queue, more urgent."),
}
WAITS = lazy_gettext("Recorded. The level stays as it was until another person has read the case.")
READ_AGAIN = lazy_gettext("Recorded. Your reading stands beside that of the other person.")


@pages.get("/cases/<uuid:review_id>")
@page
def case(review_id: UUID) -> ResponseReturnValue:
    """The whole case while it is held; afterwards, what came of the review."""
    return case_page(review_id)


@pages.post("/cases/<uuid:review_id>/decide")
@page
def decide(review_id: UUID) -> ResponseReturnValue:
    """Record the verdict; where that fails, show why, with all that was typed."""
    try:
        decision = decision_from(request.form)
        review = record_decision(review_id, decision)
    except Problem as problem:
        if problem.status == 404:
            raise
        return make_response(case_page(review_id, problem), problem.status)
    flash(str(_what_came_of(review, decision.verdict)))
    return redirect(url_for("review_pages.queue"))


@pages.post("/cases/<uuid:review_id>/release")
@page
def release(review_id: UUID) -> ResponseReturnValue:
    """Give the case back."""
    try:
        keeping.release(services().sessions, clinician_id(), review_id)
    except Problem as problem:
        flash(said(problem.detail))
    else:
        flash(_("The case is back in the queue."))
    return redirect(url_for("review_pages.queue"))


@pages.get("/cases/<uuid:review_id>/images/<int:n>")
@page
def image(review_id: UUID, n: int) -> ResponseReturnValue:
    """A photograph of the held case, upright."""
    return photograph_response(review_id, n)


@pages.get("/cases/<uuid:review_id>/images/<int:n>/saliency")
@page
def saliency(review_id: UUID, n: int) -> ResponseReturnValue:
    """Where the model looked in a photograph of the held case."""
    return overlay_response(review_id, n)


def case_page(review_id: UUID, problem: Problem | None = None) -> str:
    """The case while it is held, and what is wrong with what was sent; afterwards, what came of it."""
    seen = reading.see(services().sessions, clinician_id(), review_id)
    errors = errors_in_words(problem) if problem else []
    if seen.reading is None:
        return render_template(
            "review/left.html",
            review=seen.review,
            state=seen.state,
            errors=errors,
            typed=request.form,
            others=seen.others,
            undo_until=undo_until(seen.review, now()),
        )
    found = seen.reading
    extras = beside(services().sessions, seen.review, found.case)
    forms = typed_or_kept(request.form, extras["draft"])
    return render_template(
        "review/case.html",
        review=seen.review,
        case=found.case,
        images=found.images,
        ai=found.assessment,
        overlays=found.overlays,
        signals=signals_in_words(found.assessment.signals) if found.assessment else [],
        prediction_set=prediction_set_in_words(found.assessment.signals) if found.assessment else None,
        standing=found.standing,
        sections=sections(facts_in_words(Clinical.model_validate(found.case.clinical), _)),
        nothing_to_confirm=cannot_confirm(found.standing),
        raised=raised_levels(found.standing.level),
        blind=found.blind,
        others=found.others,
        levels=LEVELS,
        diagnoses=services().diagnoses.diagnoses,
        undo=settings().review_undo_seconds,
        at=now(),
        errors=errors,
        limits=known_limits(found.assessment.signals) if found.assessment else [],
        held_until=found.case.review_until,
        kept=lambda form, field: forms.get(form, {}).get(field, ""),
        open_form=request.form.get("verdict") or extras["draft"].get("last"),
        **extras,
    )


def _what_came_of(review: Review, verdict: Verdict) -> LazyString:
    if review.kind == "second":
        return READ_AGAIN
    return RECORDED[verdict] if review.final_at else WAITS

"""What the page of a case does beside the decision: keep the case, pass it over, hand it to a colleague."""

from uuid import UUID

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from review import keeping
from review.blueprint import lease, longest_hold, skip_pause
from review.pages import pages
from review.schemas import HandOver, Skip
from review.wording import said
from web.access import clinician_id, page
from web.problem import Problem
from web.services import services


@pages.post("/cases/<uuid:review_id>/heartbeat")
@page
def heartbeat(review_id: UUID) -> ResponseReturnValue:
    """Until when the case is held now, as JSON for the page's script; 409 when it is lost."""
    try:
        until = keeping.renew(services().sessions, clinician_id(), review_id, lease(), longest_hold())
    except Problem as problem:
        return problem.response()
    return jsonify(held_until=until.isoformat())


@pages.post("/cases/<uuid:review_id>/skip")
@page
def skip(review_id: UUID) -> ResponseReturnValue:
    """Give the case back with a reason, and go on with another."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        flash(gettext("Say in a few words why you skip the case. You still hold it."))
        return redirect(url_for("review_pages.case", review_id=review_id))
    try:
        body = Skip(reason=reason)
        keeping.skip(services().sessions, clinician_id(), review_id, body.reason, skip_pause())
    except Problem as problem:
        _refuse_missing(problem)
        flash(said(problem.detail))
    else:
        flash(gettext("Skipped. The case is back in the queue, and others may take it."))
    return redirect(url_for("review_pages.queue"))


@pages.route("/cases/<uuid:review_id>/hand-over", methods=["GET", "POST"])
@page
def hand_over(review_id: UUID) -> ResponseReturnValue:
    """Choose who takes the case over."""
    if request.method == "GET":
        return _choose(review_id)
    try:
        body = HandOver.model_validate({"to": request.form.get("to", "")})
        keeping.hand_over(services().sessions, clinician_id(), review_id, body.to, lease())
    except ValueError:
        return make_response(_choose(review_id, gettext("Choose one of the people listed.")), 422)
    except Problem as problem:
        _refuse_missing(problem)
        if problem.status == 422:
            return make_response(_choose(review_id, gettext("Choose one of the people listed.")), 422)
        flash(said(problem.detail))
    else:
        flash(gettext("Handed over. Your colleague finds the case under “You hold”."))
    return redirect(url_for("review_pages.queue"))


def _choose(review_id: UUID, error: str = "") -> str:
    found = keeping.own_colleagues(services().sessions, clinician_id(), review_id)
    return render_template("review/hand_over.html", review_id=review_id, colleagues=found, error=error)


def _refuse_missing(problem: Problem) -> None:
    if problem.status == 404:
        raise problem

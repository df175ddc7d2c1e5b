"""The page of the queue: what waits, by level and lateness, and what the reader holds."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from db.ids import now
from db.review_queue import first_waiting, held_cases, waiting_by_level
from review import claims
from review.blueprint import lease
from review.pages import pages
from web.access import clinician_id, page
from web.problem import Problem, not_found
from web.services import services

SHOWN = 50


@pages.get("/")
@page
def queue() -> ResponseReturnValue:
    """The head of the queue. No clinical information: that is for who holds a case."""
    claims.give_back_expired(services().sessions)
    at = now()
    with services().sessions() as session:
        counts = waiting_by_level(session, at)
        return render_template(
            "review/queue.html",
            at=at,
            counts=counts,
            total=sum(count.waiting for count in counts),
            waiting=first_waiting(session, at, SHOWN),
            mine=held_cases(session, clinician_id(), at),
        )


@pages.post("/claim")
@page
def claim() -> ResponseReturnValue:
    """Claim the most urgent case, or the one named, and open it."""
    try:
        review_id = _claimed(request.form.get("case_id", ""))
    except Problem as problem:
        flash(problem.detail)
        return redirect(url_for("review_pages.queue"))
    if review_id is None:
        flash("No case waits.")
        return redirect(url_for("review_pages.queue"))
    return redirect(url_for("review_pages.case", review_id=review_id))


def _claimed(case_id: str) -> UUID | None:
    sessions = services().sessions
    if not case_id:
        return claims.claim_most_urgent(sessions, clinician_id(), lease())
    try:
        return claims.claim_case(sessions, clinician_id(), lease(), UUID(case_id))
    except ValueError as error:
        raise not_found("No case") from error

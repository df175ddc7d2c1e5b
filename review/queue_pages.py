"""The page of the queue: what waits, by level and lateness, who holds what, and what is overdue."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.holdings import held
from db.ids import now
from db.models import Platform
from db.models.review_work import RESERVED_PLATFORM
from db.notice_lists import notices_for
from db.queue_lists import first_waiting, further_waiting, waiting_by_level
from db.readers import Reader, reader_of
from review import claims, queue_wording, saved_views
from review.blueprint import lease
from review.pages import pages
from review.queue_filters import FLAGS, LEVELS, filters_from, parameters
from review.wording import said
from web.access import clinician_id, page
from web.problem import Problem, not_found
from web.services import services

SHOWN = 50
NOTICES_SHOWN = 5


@pages.get("/")
@page
def queue() -> ResponseReturnValue:
    """The head of the queue. No clinical information: that is for who holds a case."""
    claims.give_back_expired(services().sessions)
    with services().sessions() as session:
        shown = _shown(session, reader_of(session, clinician_id()))
    return render_template(
        "review/queue.html", levels=LEVELS, flag_names=FLAGS, queue_words=queue_wording, **shown
    )


@pages.post("/claim")
@page
def claim() -> ResponseReturnValue:
    """Claim the most urgent case, or the one named, and open it."""
    try:
        review_id = _claimed(request.form.get("case_id", ""), request.form.get("further_id", ""))
    except Problem as problem:
        flash(said(problem.detail))
        return redirect(url_for("review_pages.queue"))
    if review_id is None:
        flash(gettext("No case waits."))
        return redirect(url_for("review_pages.queue"))
    return redirect(url_for("review_pages.case", review_id=review_id))


@pages.route("/views", methods=["POST", "DELETE"])
@page
def views() -> ResponseReturnValue:
    """Save the filters that are set under a name, or delete a saved view (a form says so by `delete`)."""
    filters = filters_from(request.form)
    delete = request.form.get("delete", "")
    with services().sessions.begin() as session:
        if delete or request.method == "DELETE":
            saved_views.forget(session, clinician_id(), _id(delete))
        else:
            flash(_save(session, request.form.get("name", "").replace("\x00", "").strip()))
    shown: dict[str, Any] = dict(parameters(filters))
    return redirect(url_for("review_pages.queue", **shown))


def _save(session: Session, name: str) -> str:
    if not name:
        return str(gettext("Give the view a name."))
    name = name[: saved_views.LONGEST_NAME]
    if not saved_views.save(session, clinician_id(), name, filters_from(request.form)):
        return str(gettext("You have %(most)s views. Delete one first.", most=saved_views.MOST))
    return str(gettext("Saved as %(name)s.", name=name))


def _shown(session: Session, reader: Reader) -> dict[str, Any]:
    at, filters = now(), filters_from(request.args)
    holdings = held(session, reader, at)
    told = notices_for(session, reader, at, NOTICES_SHOWN + 1)
    return {
        "at": at,
        "counts": waiting_by_level(session, reader, at),
        "further": further_waiting(session, reader),
        "waiting": first_waiting(session, reader, at, filters, SHOWN),
        "mine": [holding for holding in holdings if holding.clinician_id == reader.id],
        "others": [holding for holding in holdings if holding.clinician_id != reader.id],
        "notices": told[:NOTICES_SHOWN],
        "more_notices": len(told) > NOTICES_SHOWN,
        "views": saved_views.views_of(session, reader.id),
        "filters": parameters(filters),
        "platforms": _platforms(session, reader),
        "most_shown": SHOWN,
    }


def _platforms(session: Session, reader: Reader) -> list[tuple[UUID, str]]:
    # A known case is not to be told from the others.
    real = Platform.name != RESERVED_PLATFORM
    query = select(Platform.id, Platform.name).where(real).order_by(Platform.name)
    if reader.platforms is not None:
        query = query.where(Platform.id.in_(reader.platforms))
    return [(row.id, row.name) for row in session.execute(query)]


def _claimed(case_id: str, further_id: str) -> UUID | None:
    sessions = services().sessions
    if further_id:
        return claims.claim_further(sessions, clinician_id(), lease(), _id(further_id))
    if not case_id:
        return claims.claim_most_urgent(sessions, clinician_id(), lease())
    return claims.claim_case(sessions, clinician_id(), lease(), _id(case_id))


def _id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise not_found("No case") from error

"""The page of notices: what the person's role must hear of, until it has ended."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from db.ids import now
from db.notice_lists import is_told, notices_for
from db.notices import end
from db.readers import reader_of
from review import queue_wording
from review.pages import pages
from web.access import clinician_id, page
from web.services import services


@pages.get("/notices")
@page
def notices() -> ResponseReturnValue:
    """All open notices of the role."""
    at = now()
    with services().sessions() as session:
        found = notices_for(session, reader_of(session, clinician_id()), at)
    return render_template("review/notices.html", notices=found, at=at, queue_words=queue_wording)


@pages.post("/notices/<uuid:notice_id>/end")
@page
def end_notice(notice_id: UUID) -> ResponseReturnValue:
    """Somebody has dealt with it."""
    with services().sessions.begin() as session:
        reader = reader_of(session, clinician_id())
        ended = is_told(session, reader, notice_id, now()) and end(session, notice_id, reader.id)
    flash(gettext("The notice has ended.") if ended else gettext("The notice had ended already."))
    return redirect(url_for("review_pages.notices"))

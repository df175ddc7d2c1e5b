"""The clinicians' pages: their common address. The pages themselves stand beside this file."""

from datetime import timedelta

from flask import Blueprint

from db.ids import now
from review import wording
from review.blueprint import settings
from review.moments import clock
from review.undoable import Undoable, undoable
from web import grants
from web.access import caller, clinician_id
from web.services import services

pages = Blueprint(
    "review_pages",
    __name__,
    url_prefix="/review",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


def may_open(endpoint: str) -> bool:
    """Whether the person of this request may open a route: a page offers nothing that would be refused."""
    return grants.may_open(caller().role, endpoint)


def own_undoable() -> list[Undoable]:
    """What the person of this request decided a moment ago and may take back."""
    window = timedelta(seconds=settings().review_undo_seconds)
    return undoable(services().sessions, clinician_id(), window)


@pages.context_processor
def words() -> dict[str, object]:
    """What every template of this room may use."""
    return {"words": wording, "clock": clock, "now": now, "may_open": may_open, "own_undoable": own_undoable}

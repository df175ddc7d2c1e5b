"""The clinicians' pages: their common address. The pages themselves stand beside this file."""

from flask import Blueprint

from review import wording
from review.moments import clock

pages = Blueprint(
    "review_pages",
    __name__,
    url_prefix="/review",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@pages.context_processor
def words() -> dict[str, object]:
    """What every template of this room may use."""
    return {"words": wording, "clock": clock}

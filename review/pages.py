"""The clinicians' pages: sign in, the queue, one case with its decision."""

from flask import Blueprint

pages = Blueprint(
    "review_pages",
    __name__,
    url_prefix="/review",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)

"""Where a person's pages begin, and the links between them: only what the grants open to the role."""

from flask import g, url_for
from flask_babel import LazyString, lazy_gettext

from web.grants import may_open

LINKS: tuple[tuple[str, LazyString], ...] = (
    ("review_pages.queue", lazy_gettext("Review")),
    ("review_pages.notices", lazy_gettext("Notices")),
    ("review_pages.people", lazy_gettext("People")),
    ("review_pages.trail", lazy_gettext("Audit trail")),
    ("review_pages.figures", lazy_gettext("Figures")),
    ("review_pages.known_cases", lazy_gettext("Known cases")),
    ("surveillance_pages.trends", lazy_gettext("Surveillance")),
)
# The first of these that a role may open is where its work begins.
FIRST_PAGES = (
    "review_pages.queue",
    "review_pages.people",
    "review_pages.trail",
    "surveillance_pages.trends",
)


def first_page() -> str:
    """The address of the caller's first page; of the sign-in while nobody is signed in."""
    if "caller" not in g or g.caller.awaits:
        return url_for("review_pages.sign_in")
    return first_page_of(g.caller.role)


def first_page_of(role: str) -> str:
    """The address of the role's first page."""
    return next(url_for(name) for name in FIRST_PAGES if may_open(role, name))


def navigation() -> list[tuple[str, LazyString]]:
    """Address and name of each page that the caller may open."""
    if "caller" not in g or g.caller.awaits:
        return []
    return [(url_for(name), label) for name, label in LINKS if may_open(g.caller.role, name)]

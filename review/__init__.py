"""Clinicians: queue, claim, decision; their web pages."""

from review import (
    case_pages,
    correction_doors,
    correction_pages,
    draft_doors,
    keeping_doors,
    keeping_pages,
    known_case_pages,
    notice_pages,
    own_pages,
    people_pages,
    queue_pages,
    review_doors,
    session_doors,
    sign_in_pages,
    trail_pages,
)
from review.blueprint import reviews_api
from review.figures import pages as figure_pages
from review.figures.drift import raise_alarms
from review.pages import pages
from review.settings import ReviewSettings

__all__ = [
    "ReviewSettings",
    "case_pages",
    "correction_doors",
    "correction_pages",
    "draft_doors",
    "figure_pages",
    "keeping_doors",
    "keeping_pages",
    "known_case_pages",
    "notice_pages",
    "own_pages",
    "pages",
    "people_pages",
    "queue_pages",
    "raise_alarms",
    "review_doors",
    "reviews_api",
    "session_doors",
    "sign_in_pages",
    "trail_pages",
]

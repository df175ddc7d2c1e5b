"""Clinicians: queue, claim, decision; their web pages."""

from review import review_doors, session_doors
from review.blueprint import reviews_api
from review.pages import pages
from review.settings import ReviewSettings

__all__ = ["ReviewSettings", "pages", "review_doors", "reviews_api", "session_doors"]

"""Counts that name nobody: suppression and the trend page. Knows no patient and no case."""

from surveillance.api import surveillance_api
from surveillance.pages import surveillance_pages

__all__ = ["surveillance_api", "surveillance_pages"]

"""Photographs as they arrive: checked by content, stripped of all metadata without loss, proved whole.

Knows no request, no case and no database.
"""

from intake.photographs.photograph import Photograph, read_photograph
from intake.photographs.refused import Refused

__all__ = ["Photograph", "Refused", "read_photograph"]

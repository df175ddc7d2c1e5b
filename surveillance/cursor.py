"""Where a page of cells ended, as an opaque text for `next_cursor`."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from surveillance.cells import CellKey


def to_cursor(key: CellKey) -> str:
    """The cursor that continues behind a cell."""
    return urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> CellKey:
    """The cell behind which to continue. Raises ValueError for a text that no answer contained."""
    try:
        parts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        parts = None
    if not isinstance(parts, list) or len(parts) != 4 or not all(isinstance(part, str) for part in parts):
        raise ValueError("not a cursor of this list")
    return CellKey(*parts)

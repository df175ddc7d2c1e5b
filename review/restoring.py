"""Columns of a case on their way into `reviews.before` and back: what a decision changed, as JSON."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from db.models import Case

TIMES = ("due_at", "completed_at", "final_at")


def kept(case: Case, names: Iterable[str]) -> dict[str, Any]:
    """These columns as they are now."""
    return {name: _plain(getattr(case, name)) for name in names}


def restored(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The same columns, to be written back."""
    return {name: _time(value) if name in TIMES else value for name, value in columns.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None

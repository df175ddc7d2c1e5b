"""The filters of the queue as a form sends them, as a page shows them, and as a saved view keeps them."""

from collections.abc import Mapping
from typing import cast, get_args
from uuid import UUID

from db.queue_filters import Filters, Lateness
from triage import Flag, Level

LEVELS: tuple[str, ...] = get_args(Level)
FLAGS: tuple[str, ...] = get_args(Flag)
LONGEST = 40


def filters_from(sent: Mapping[str, str]) -> Filters:
    """The filters in a request's parameters; what is no filter counts as not set."""
    lateness = sent.get("lateness", "")
    return Filters(
        level=_one_of(sent.get("level", ""), LEVELS),
        lateness=cast(Lateness, lateness) if lateness in get_args(Lateness) else None,
        flag=_one_of(sent.get("flag", ""), FLAGS),
        platform=_id(sent.get("platform", "")),
        region=_text(sent.get("region", "")),
        language=_text(sent.get("language", "")),
        no_ai_result=bool(sent.get("no_ai_result")),
        further=bool(sent.get("further")),
    )


def parameters(filters: Filters) -> dict[str, str]:
    """The same filters as parameters: for links, forms and saved views."""
    named = {
        "level": filters.level,
        "lateness": filters.lateness,
        "flag": filters.flag,
        "platform": str(filters.platform) if filters.platform else None,
        "region": filters.region,
        "language": filters.language,
        "no_ai_result": "1" if filters.no_ai_result else None,
        "further": "1" if filters.further else None,
    }
    return {name: value for name, value in named.items() if value}


def _one_of(value: str, allowed: tuple[str, ...]) -> str | None:
    return value if value in allowed else None


def _id(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _text(value: str) -> str | None:
    """PostgreSQL cannot hold the character NUL."""
    return value.replace("\x00", "").strip()[:LONGEST] or None

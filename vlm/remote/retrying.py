"""When a request is tried again, and after how long. Without chance: the same faults take the same time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# 408 and 425: the server asks for the request again. All 5xx are its own trouble.
AGAIN = frozenset({408, 425, 429})
OVERLOADED = frozenset({429, 503})


@dataclass(frozen=True)
class Pace:
    """How often a request is tried, and the waits between: `first_s`, twice that, and so on."""

    attempts: int
    first_s: float = 0.5
    longest_s: float = 8.0
    longest_asked_s: float = 60.0

    def wait(self, failures: int, asked: float | None) -> float:
        """Seconds to wait after so many failures; never less than the server asked for, up to a limit."""
        own = min(self.first_s * 2.0 ** (failures - 1), self.longest_s)
        return max(own, min(asked or 0.0, self.longest_asked_s))


def is_passing(status: int) -> bool:
    """True for a status that may be another one soon."""
    return status in AGAIN or status >= 500


def seconds_asked(header: str | None, at: datetime) -> float | None:
    """What a Retry-After header asks for (RFC 9110: seconds or a date); None where it says nothing."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - at).total_seconds())

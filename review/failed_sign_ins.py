"""Slows down who guesses passwords and codes, and lets nobody use that to lock another person out.

An attempt counts for a person at an origin: a browser in which the person signed in before, else the calling
address. A guesser uses up the attempts of his own addresses only; the person, in a browser that is known or
from any other address, gets in. Who guesses from many addresses at once is left one attempt from each.
The counts lie in the database, so all web processes share them.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from flask_babel import gettext
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import FailedSignIn
from db.session import SessionFactory
from web.problem import Problem

WINDOW = timedelta(minutes=15)
# So many times one origin's limit, over all unknown addresses together, is guessing from many places.
MANY = 5
BROWSER = "browser:"


class Attempt(NamedTuple):
    """Somebody tries to be a person, from somewhere."""

    who: bytes
    origin: str

    @property
    def is_from_known_browser(self) -> bool:
        """True where the person signed in from this browser before."""
        return self.origin.startswith(BROWSER)


def who_is_meant(email: str, what: str = "password") -> bytes:
    """The person as counts name them; passwords and codes are counted apart."""
    return sha256(f"{what} {email.strip().lower()}".encode()).digest()


def origin_of(address: str) -> str:
    """The calling address; of IPv6 the /64, as one subscriber has all of it."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def count_attempt(sessions: SessionFactory, this: Attempt, limit: int) -> None:
    """Count it as failed before it is tried, so that many at once are no more than one after the other.

    Raises Problem 429 when this origin has used up its attempts. Old counts are deleted on the way.
    """
    at = now()
    with sessions.begin() as session:
        _forget(session, at - WINDOW)
        session.execute(select(func.pg_advisory_xact_lock(_lock_of(this))))
        mine = _times(session, this, at)
        allowed = 1 if not this.is_from_known_browser and _is_widespread(session, this, limit, at) else limit
        if len(mine) >= allowed:
            raise _too_many(mine[len(mine) - allowed] + WINDOW - at)
        session.add(FailedSignIn(who_sha256=this.who, origin=this.origin, at=at))


def forgive(sessions: SessionFactory, this: Attempt) -> None:
    """It was the person: what they mistyped there is forgotten."""
    with sessions.begin() as session:
        session.execute(
            delete(FailedSignIn).where(
                FailedSignIn.who_sha256 == this.who, FailedSignIn.origin == this.origin
            )
        )


def _times(session: Session, this: Attempt, at: datetime) -> list[datetime]:
    query = select(FailedSignIn.at).where(
        FailedSignIn.who_sha256 == this.who, FailedSignIn.origin == this.origin, FailedSignIn.at > at - WINDOW
    )
    return list(session.scalars(query.order_by(FailedSignIn.at)))


def _is_widespread(session: Session, this: Attempt, limit: int, at: datetime) -> bool:
    failures = session.scalar(
        select(func.count()).where(
            FailedSignIn.who_sha256 == this.who,
            FailedSignIn.at > at - WINDOW,
            ~FailedSignIn.origin.startswith(BROWSER),
        )
    )
    return (failures or 0) >= MANY * limit


def _forget(session: Session, before: datetime) -> None:
    old = select(FailedSignIn.id).where(FailedSignIn.at <= before).with_for_update(skip_locked=True)
    session.execute(delete(FailedSignIn).where(FailedSignIn.id.in_(old)))


def _lock_of(this: Attempt) -> int:
    digest = hmac.digest(this.who, this.origin.encode(), "sha256")
    return int.from_bytes(digest[:8], "big", signed=True)


def _too_many(wait: timedelta) -> Problem:
    seconds = max(int(wait.total_seconds()) + 1, 1)
    minutes = -(-seconds // 60)
    return Problem(
        429, "too-many-requests", gettext("Too many wrong passwords or codes"),
        gettext(
            "Wait %(minutes)s min, then try again, or use a browser in which you signed in before.",
            minutes=minutes,
        ),
        headers={"Retry-After": str(seconds)},
    )  # fmt: skip

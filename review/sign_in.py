"""Signing in and out: a random token, of which only the hash is stored."""

import time
from collections import defaultdict, deque
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update

from db.ids import now
from db.models import Clinician, ClinicianSession
from db.session import SessionFactory
from web.credentials import new_token, password_matches
from web.problem import Problem

WINDOW_SECONDS = 60


class FailedSignIns:
    """Counts wrong passwords per e-mail and calling address, in this process, over a minute.

    Counting both together means that a stranger who guesses from elsewhere never locks the person out.
    """

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def refuse_if_too_many(self, who: tuple[str, str], limit: int) -> None:
        """Raises Problem 429 after `limit` failures within the last minute."""
        oldest = time.monotonic() - WINDOW_SECONDS
        for key in [key for key, times in list(self._failures.items()) if not times or times[-1] < oldest]:
            self._failures.pop(key, None)
        recent = [at for at in self._failures.get(who, ()) if at >= oldest]
        if len(recent) >= limit:
            raise Problem(
                429, "too-many-requests", "Too many wrong passwords", "Wait a minute, then try again.",
                headers={"Retry-After": str(WINDOW_SECONDS)},
            )  # fmt: skip

    def count(self, who: tuple[str, str], limit: int) -> None:
        """Remember one failure; no more are kept than the limit needs."""
        times = self._failures[who]
        times.append(time.monotonic())
        while len(times) > limit:
            times.popleft()


def sign_in(
    sessions: SessionFactory, email: str, password: str, lifetime: timedelta
) -> tuple[str, datetime] | None:
    """A new session's token and its end, or None; it takes as long for an unknown address."""
    with sessions.begin() as session:
        clinician = session.scalar(select(Clinician).where(Clinician.email == email.strip().lower()))
        if not password_matches(clinician, password) or clinician is None or clinician.disabled_at:
            return None
        token, digest = new_token("dts")
        expires_at = now() + lifetime
        session.add(ClinicianSession(clinician_id=clinician.id, token_sha256=digest, expires_at=expires_at))
        return token, expires_at


def sign_out(sessions: SessionFactory, token: str) -> None:
    """End a session; ending it twice is harmless."""
    with sessions.begin() as session:
        session.execute(
            update(ClinicianSession)
            .where(
                ClinicianSession.token_sha256 == sha256(token.encode()).digest(),
                ClinicianSession.revoked_at.is_(None),
            )
            .values(revoked_at=now())
        )

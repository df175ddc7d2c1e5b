"""The sessions of people who signed in: opened, found by their token, renewed, ended.

Pages have tokens of their own kind, which no bearer may use: they end when nobody opens pages any more, and
are replaced from time to time, so that a copied one is soon worth nothing. A program's token stays as it is.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, ClinicianSession
from db.session import SessionFactory
from web.grants import Role
from web.tokens import digest_of, new_token

PROGRAM, PAGE = "dts", "dtp"
# Requests that were under way when the token was replaced.
OVERLAP = timedelta(seconds=60)
# No page view but the first in a minute writes.
SEEN_EVERY = timedelta(minutes=1)

Awaits = Literal["code", "enrolment"]


class OpenSession(NamedTuple):
    """A session that is valid now, with its person. `is_current`: found by its newest token."""

    id: UUID
    clinician_id: UUID
    name: str
    email: str
    role: Role
    locale: str
    has_second_factor: bool
    second_factor_at: datetime | None
    seen_at: datetime
    rotated_at: datetime
    expires_at: datetime
    is_current: bool

    def awaits(self, roles: tuple[Role, ...]) -> Awaits | None:
        """What is still to be done before it opens anything; `roles` must have a second factor."""
        if self.has_second_factor:
            return None if self.second_factor_at else "code"
        return "enrolment" if self.role in roles else None


def open_session(session: Session, clinician_id: UUID, kind: str, ends: datetime, **values: object) -> str:
    """Open one; its token, which is shown this once. `kind` is PROGRAM or PAGE."""
    token, digest = new_token(kind)
    session.add(ClinicianSession(clinician_id=clinician_id, token_sha256=digest, expires_at=ends, **values))
    return token


def find_session(sessions: SessionFactory, token: str) -> OpenSession | None:
    """The session of this token, while it is valid; for a minute also by the token that it had before."""
    at, digest = now(), digest_of(token)
    of_before = and_(ClinicianSession.previous_sha256 == digest, ClinicianSession.rotated_at > at - OVERLAP)
    with sessions() as session:
        row = session.execute(
            select(
                ClinicianSession.id, Clinician.id, Clinician.name, Clinician.email, Clinician.role,
                Clinician.locale, Clinician.totp_confirmed_at.is_not(None), ClinicianSession.second_factor_at,
                ClinicianSession.seen_at, ClinicianSession.rotated_at, ClinicianSession.expires_at,
                ClinicianSession.token_sha256 == digest,
            )
            .join(Clinician, ClinicianSession.clinician_id == Clinician.id)
            .where(
                or_(ClinicianSession.token_sha256 == digest, of_before),
                ClinicianSession.revoked_at.is_(None),
                ClinicianSession.expires_at > at,
                Clinician.disabled_at.is_(None),
            )
        ).first()  # fmt: skip
    return OpenSession._make(row) if row else None


def remember_use(sessions: SessionFactory, found: OpenSession) -> None:
    """Note that a person opened a page now, at most once a minute."""
    at = now()
    if found.seen_at > at - SEEN_EVERY:
        return
    with sessions.begin() as session:
        session.execute(
            update(ClinicianSession)
            .where(ClinicianSession.id == found.id, ClinicianSession.seen_at <= at - SEEN_EVERY)
            .values(seen_at=at)
        )


def replace_token(sessions: SessionFactory, token: str) -> str | None:
    """A new token for the session; None when another request replaced it first, or it has ended."""
    new, digest = new_token(PAGE)
    with sessions.begin() as session:
        replaced = session.scalar(
            update(ClinicianSession)
            .where(ClinicianSession.token_sha256 == digest_of(token), ClinicianSession.revoked_at.is_(None))
            .values(token_sha256=digest, previous_sha256=ClinicianSession.token_sha256, rotated_at=now())
            .returning(ClinicianSession.id)
        )
    return new if replaced else None


def raise_session(session: Session, session_id: UUID, ends: datetime) -> str:
    """The second factor was given: a new token, and none of before is worth anything."""
    token, digest = new_token(PAGE)
    at = now()
    session.execute(
        update(ClinicianSession)
        .where(ClinicianSession.id == session_id)
        .values(
            token_sha256=digest, previous_sha256=None, rotated_at=at, seen_at=at, second_factor_at=at,
            expires_at=ends,
        )
    )  # fmt: skip
    return token


def end_session(sessions: SessionFactory, token: str) -> None:
    """Sign out; twice is harmless."""
    digest = digest_of(token)
    with sessions.begin() as session:
        session.execute(
            update(ClinicianSession)
            .where(
                or_(ClinicianSession.token_sha256 == digest, ClinicianSession.previous_sha256 == digest),
                ClinicianSession.revoked_at.is_(None),
            )
            .values(revoked_at=now())
        )


def end_all_sessions(session: Session, clinician_id: UUID, but: UUID | None = None) -> None:
    """Sign a person out everywhere, `but` in one session."""
    session.execute(
        update(ClinicianSession)
        .where(
            ClinicianSession.clinician_id == clinician_id,
            ClinicianSession.revoked_at.is_(None),
            ClinicianSession.id.is_distinct_from(but),
        )
        .values(revoked_at=now())
    )

"""Signing in: a password, and a code for those who have set it up, for a random token stored as its hash."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext
from sqlalchemy import select

from db.ids import now
from db.models import Clinician
from db.session import SessionFactory
from review.failed_sign_ins import count_attempt, forgive, who_is_meant
from review.known_browser import attempt_of
from web.credentials import password_matches
from web.problem import unauthorized
from web.second_factor import accept_code
from web.sessions import PAGE, PROGRAM, OpenSession, open_session, raise_session

WRONG_PASSWORD = lazy_gettext("E-mail address or password is wrong. Try again, or ask your administrator.")
WRONG_CODE = lazy_gettext(
    "This code is wrong or was used already. Wait for the next one in your authenticator."
)
CODE_NEEDED = lazy_gettext("Send a code of your authenticator in `code` as well.")
# From the password to the code.
CODE_WITHIN = timedelta(minutes=10)


class SignedInPerson(NamedTuple):
    """A session as the person gets it."""

    token: str
    expires_at: datetime
    role: str
    awaits_code: bool


def check_password(sessions: SessionFactory, email: str, password: str, limit: int) -> Clinician:
    """The person whose password it is.

    Raises Problem: 401 for wrong credentials, as slowly for an unknown address; 429 after too many of them.
    """
    this = attempt_of(who_is_meant(email))
    count_attempt(sessions, this, limit)
    with sessions() as session:
        person = session.scalar(select(Clinician).where(Clinician.email == email.strip().lower()))
    # Outside the transaction: argon2 is slow on purpose.
    if not password_matches(person, password) or person is None or person.disabled_at:
        raise unauthorized(str(WRONG_PASSWORD), field="password")
    forgive(sessions, this)
    return person


def check_code(sessions: SessionFactory, person_id: UUID, email: str, code: str, limit: int) -> None:
    """Use up a code of the person. Raises Problem: 401 when it is wrong, 429."""
    this = attempt_of(who_is_meant(email, "code"))
    count_attempt(sessions, this, limit)
    with sessions.begin() as session:
        is_right = accept_code(session, person_id, code, now())
    if not is_right:
        raise unauthorized(str(WRONG_CODE), field="code")
    forgive(sessions, this)


def sign_in_program(
    sessions: SessionFactory, person: Clinician, code: str | None, lifetime: timedelta, limit: int
) -> SignedInPerson:
    """A bearer token. Raises Problem: 401 when a code is needed or wrong, 429."""
    if person.totp_confirmed_at:
        if not code:
            raise unauthorized(str(CODE_NEEDED), field="code")
        check_code(sessions, person.id, person.email, code, limit)
    at = now()
    given = at if person.totp_confirmed_at else None
    with sessions.begin() as session:
        token = open_session(session, person.id, PROGRAM, at + lifetime, second_factor_at=given)
    return SignedInPerson(token, at + lifetime, person.role, awaits_code=False)


def sign_in_page(sessions: SessionFactory, person: Clinician, lifetime: timedelta) -> SignedInPerson:
    """A page's token; with a second factor it opens nothing and ends soon, until a code is given."""
    awaits_code = person.totp_confirmed_at is not None
    ends = now() + (min(CODE_WITHIN, lifetime) if awaits_code else lifetime)
    with sessions.begin() as session:
        token = open_session(session, person.id, PAGE, ends)
    return SignedInPerson(token, ends, person.role, awaits_code)


def give_code(
    sessions: SessionFactory, found: OpenSession, code: str, lifetime: timedelta, limit: int
) -> SignedInPerson:
    """The second step on the pages: the session opens, under a new token. Raises Problem: 401, 429."""
    check_code(sessions, found.clinician_id, found.email, code, limit)
    ends = now() + lifetime
    with sessions.begin() as session:
        token = raise_session(session, found.id, ends)
    return SignedInPerson(token, ends, found.role, awaits_code=False)

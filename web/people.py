"""People who sign in: added, changed, disabled; who changes what they may do signs them out everywhere.

Used by the administrator's pages and by the command line, which both show the Problems raised here.
"""

import secrets
from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, Platform, PlatformGrant
from db.notices import alarm_unclaimable
from web import second_factor
from web.credentials import password_hash
from web.grants import READERS
from web.person import Person
from web.problem import FieldError, Problem, invalid
from web.sessions import end_all_sessions

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1024


def find_person(session: Session, email: str) -> Clinician:
    """The person with this address, locked until the transaction ends. Raises Problem."""
    query = select(Clinician).where(Clinician.email == email.strip().lower()).with_for_update()
    found = session.scalar(query)
    if found is None:
        raise _wrong("email", gettext("Nobody has this address."), "dermtriage clinician list")
    return found


def as_person(session: Session, clinician: Clinician) -> Person:
    """What is known of a person now."""
    names = select(Platform.name).join(PlatformGrant).where(PlatformGrant.clinician_id == clinician.id)
    return Person.model_construct(
        email=clinician.email,
        name=clinician.name,
        role=clinician.role,  # type: ignore[arg-type]
        all_platforms=clinician.all_platforms,
        platforms=sorted(session.scalars(names)),
        regions=list(clinician.regions),
        languages=list(clinician.languages),
        locale=clinician.locale,
    )


def add_person(session: Session, person: Person, password: str) -> Clinician:
    """Raises Problem 422."""
    granted = _check(session, person)
    clinician = Clinician(
        email=person.email, name=person.name, password_hash=password_hash(checked_password(password))
    )
    _write(session, clinician, person)
    session.add(clinician)
    try:
        session.flush()
    except IntegrityError:
        raise _wrong(
            "email", gettext("A person with this address exists."), gettext("Change that person instead.")
        ) from None
    _grant(session, clinician.id, granted)
    alarm_unclaimable(session)
    return clinician


def change_person(session: Session, clinician: Clinician, person: Person) -> None:
    """Another role signs the person out everywhere; grants count from now on. Raises Problem 422."""
    granted = _check(session, person)
    if person.role != clinician.role:
        end_all_sessions(session, clinician.id)
    _write(session, clinician, person)
    session.execute(delete(PlatformGrant).where(PlatformGrant.clinician_id == clinician.id))
    _grant(session, clinician.id, granted)
    alarm_unclaimable(session)


def set_password(session: Session, clinician: Clinician, password: str) -> None:
    """A new password, and signed out everywhere. Raises Problem 422."""
    clinician.password_hash = password_hash(checked_password(password))
    end_all_sessions(session, clinician.id)


def disable(session: Session, clinician: Clinician) -> None:
    """The person can do nothing any more, from now on. What they hold goes back when its time ends."""
    clinician.disabled_at = clinician.disabled_at or now()
    end_all_sessions(session, clinician.id)
    session.flush()
    alarm_unclaimable(session)


def enable(session: Session, clinician: Clinician) -> None:
    """The person may sign in again, with what they were granted before."""
    clinician.disabled_at = None
    session.flush()
    alarm_unclaimable(session)


def reset_second_factor(session: Session, clinician: Clinician) -> None:
    """For who lost their authenticator: off until set up anew, and signed out everywhere."""
    second_factor.reset(clinician)
    end_all_sessions(session, clinician.id)


def checked_password(password: str) -> str:
    """The password, when it is long enough. Raises Problem 422."""
    if len(password) < SHORTEST_PASSWORD:
        remedy = gettext("Use at least %(number)s characters.", number=SHORTEST_PASSWORD)
        raise _wrong("password", gettext("The password is too short."), remedy)
    if len(password) > LONGEST_PASSWORD:
        remedy = gettext("Use at most %(number)s characters.", number=LONGEST_PASSWORD)
        raise _wrong("password", gettext("The password is too long."), remedy)
    return password


def made_up_password() -> str:
    """For an administrator to hand on; the person changes it on their own page."""
    return secrets.token_urlsafe(15)


def _check(session: Session, person: Person) -> Sequence[UUID]:
    """The ids of the platforms granted."""
    found = session.execute(select(Platform.name, Platform.id).where(Platform.name.in_(person.platforms)))
    ids = {row.name: row.id for row in found}
    unknown = sorted(set(person.platforms) - set(ids))
    if unknown:
        said = gettext("There is no platform %(names)s.", names=", ".join(unknown))
        raise _wrong("platforms", said, gettext("Create it first: dermtriage platform create NAME"))
    if person.role in READERS and not person.all_platforms and not ids:
        remedy = gettext("Grant platforms by name, or all platforms; disable who shall read nothing.")
        raise _wrong("platforms", gettext("Who reads cases needs a platform."), remedy)
    return list(ids.values())


def _write(session: Session, clinician: Clinician, person: Person) -> None:
    for name in ("name", "role", "all_platforms", "locale"):
        setattr(clinician, name, getattr(person, name))
    clinician.regions = sorted(set(person.regions))
    clinician.languages = sorted(set(person.languages))


def _grant(session: Session, clinician_id: UUID, platforms: Sequence[UUID]) -> None:
    session.add_all(PlatformGrant(clinician_id=clinician_id, platform_id=each) for each in platforms)
    session.flush()


def _wrong(field: str, detail: str, remedy: str) -> Problem:
    return invalid(f"{detail} {remedy}", [FieldError(field=field, detail=detail, remedy=remedy)])

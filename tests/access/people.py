"""Everybody who might knock: a person of each role for each reach, and the platforms' keys.

All cases of the matrix belong to one platform, one region, one language. A person's reach says why their
grants cover those cases (`own`), or what they lack.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, ClinicianSession, Platform, PlatformGrant
from db.models.review_work import RESERVED_PLATFORM
from web.access import SCOPES
from web.credentials import create_api_key
from web.grants import ROLES

REGION, LANGUAGE = "FR-75", "fr"
# What a person of this reach is granted: the platform of the cases or another, regions, languages.
GRANTS: dict[str, tuple[str, list[str], list[str]]] = {
    "own": ("clinic-online", ["FR"], [LANGUAGE]),
    "other_platform": ("clinic-elsewhere", [], []),
    "other_region": ("clinic-online", ["DE"], []),
    "other_language": ("clinic-online", [], ["de"]),
}
OTHER_REACHES = tuple(reach for reach in GRANTS if reach != "own")


class Person(NamedTuple):
    """Somebody signed in twice: by `bearer` in a program, by `cookie` in a browser."""

    id: UUID
    role: str
    reach: str
    bearer: str
    cookie: str
    program_session: UUID
    page_session: UUID


def add_platforms(session: Session) -> dict[str, Platform]:
    """The platform of the cases, one that has none, and that of known cases."""
    names = {name for name, _, _ in GRANTS.values()} | {RESERVED_PLATFORM}
    found = {name: Platform(name=name) for name in names}
    session.add_all(found.values())
    session.flush()
    return found


def add_person(session: Session, platforms: dict[str, Platform], role: str, reach: str, name: str) -> Person:
    """A person with open sessions; nobody needs a password here."""
    platform, regions, languages = GRANTS[reach]
    clinician = Clinician(
        email=f"{name}@example.org".lower(), name=name, password_hash="none",
        role=role, regions=regions, languages=languages,
    )  # fmt: skip
    session.add(clinician)
    session.flush()
    session.add(PlatformGrant(clinician_id=clinician.id, platform_id=platforms[platform].id))
    (bearer, program), (cookie, page) = (_open_session(session, clinician.id, it) for it in ("dts", "dtp"))
    return Person(clinician.id, role, reach, bearer, cookie, program, page)


def add_everybody(session: Session, platforms: dict[str, Platform]) -> dict[tuple[str, str], Person]:
    """By role and reach."""
    return {
        (role, reach): add_person(session, platforms, role, reach, f"{role}-{reach}")
        for role in ROLES
        for reach in GRANTS
    }


def add_keys(session: Session, platforms: dict[str, Platform]) -> dict[str, str]:
    """A key with all scopes for each platform, by the platform's name."""
    return {
        name: create_api_key(session, platform.id, "all", list(SCOPES))
        for name, platform in platforms.items()
    }


def _open_session(session: Session, clinician_id: UUID, kind: str) -> tuple[str, UUID]:
    token = f"{kind}_{secrets.token_urlsafe(32)}"
    at = now()
    # Noted as used a while from now, so that no request needs to note it.
    ends = at + timedelta(hours=5)
    values: dict[str, Any] = {"expires_at": ends, "seen_at": ends, "second_factor_at": at}
    digest = sha256(token.encode()).digest()
    opened = ClinicianSession(clinician_id=clinician_id, token_sha256=digest, **values)
    session.add(opened)
    session.flush()
    return token, opened.id

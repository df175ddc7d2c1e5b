"""Making and checking credentials: API keys, session tokens, passwords."""

from collections.abc import Sequence
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from db.models import ApiKey, Clinician, Platform
from web.access import Scope
from web.grants import Role
from web.tokens import new_token as new_token

_hasher = PasswordHasher()
# Checked when the address is unknown, so that the time to answer tells nobody which addresses exist.
_NOBODY = _hasher.hash("nobody")


def create_api_key(session: Session, platform_id: UUID, name: str, scopes: list[Scope]) -> str:
    """Add a key to a platform; the returned secret is shown once and never stored."""
    token, digest = new_token("dtk")
    session.add(ApiKey(platform_id=platform_id, name=name, secret_sha256=digest, scopes=list(scopes)))
    return token


def create_platform(session: Session, name: str) -> Platform:
    """Add a platform."""
    platform = Platform(name=name)
    session.add(platform)
    session.flush()
    return platform


def create_clinician(
    session: Session,
    email: str,
    name: str,
    password: str,
    *,
    role: Role = "clinician",
    all_platforms: bool = True,
    regions: Sequence[str] = (),
    languages: Sequence[str] = (),
) -> Clinician:
    """Add a person; the password is stored as an argon2 hash. `db.models.Clinician` tells the rest."""
    clinician = Clinician(
        email=email.strip().lower(),
        name=name,
        password_hash=password_hash(password),
        role=role,
        all_platforms=all_platforms,
        regions=list(regions),
        languages=list(languages),
    )
    session.add(clinician)
    session.flush()
    return clinician


def password_hash(password: str) -> str:
    """What is stored of a password: argon2id with its salt and costs."""
    return _hasher.hash(password)


def password_matches(clinician: Clinician | None, password: str) -> bool:
    """True when the password is the clinician's; takes as long for an unknown person."""
    try:
        return _hasher.verify(clinician.password_hash if clinician else _NOBODY, password) and bool(clinician)
    except (VerificationError, InvalidHashError):
        return False

"""Who may do what: platforms with their API keys, clinicians with their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.ids import new_id, now
from db.models.base import Base


class Platform(Base):
    """A telehealth platform: the tenant."""

    __tablename__ = "platforms"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ApiKey(Base):
    """A key of a platform. Only the SHA-256 of the 256-bit random secret is kept."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platforms.id"), index=True)
    name: Mapped[str]
    secret_sha256: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]


class Clinician(Base):
    """A person who reviews. The e-mail address is kept in lower case; the password as an argon2 hash."""

    __tablename__ = "clinicians"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]


class ClinicianSession(Base):
    """A signed-in clinician: the SHA-256 of the bearer token, with its end."""

    __tablename__ = "clinician_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clinician_id: Mapped[UUID] = mapped_column(ForeignKey("clinicians.id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

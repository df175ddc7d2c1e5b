"""Who may do what: platforms with their API keys, clinicians with their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.ids import new_id, now
from db.models.base import Base

ROLES = ("clinician", "senior", "administrator", "auditor", "analyst")


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
    """A person who signs in. The e-mail address is kept in lower case; the password as an argon2 hash.

    Which cases a reader may claim: those of the platforms granted (all with `all_platforms`), of the regions
    the licence covers (`FR` covers `FR-75`) and in the languages read; an empty list sets no limit.
    `claims_by_level` counts the claims since one went to the case that is late the longest (`db.next_case`).
    `totp_secret` counts once `totp_confirmed_at` is set; `totp_last_step` refuses a code a second time.
    """

    __tablename__ = "clinicians"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(default="clinician")
    all_platforms: Mapped[bool] = mapped_column(default=False)
    regions: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    claims_by_level: Mapped[int] = mapped_column(SmallInteger, default=0)
    # The language of the pages.
    locale: Mapped[str] = mapped_column(default="en")
    totp_secret: Mapped[str | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="role"),)


class PlatformGrant(Base):
    """A reader may see the cases of this platform."""

    __tablename__ = "platform_grants"

    clinician_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinicians.id", ondelete="CASCADE"), primary_key=True
    )
    platform_id: Mapped[UUID] = mapped_column(
        ForeignKey("platforms.id", ondelete="CASCADE"), primary_key=True
    )


class ClinicianSession(Base):
    """A signed-in person: the SHA-256 of the bearer token, with its end.

    The token is changed from time to time; the one before is accepted for requests that were on their way.
    `second_factor_at` is null while a code is still asked for.
    """

    __tablename__ = "clinician_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clinician_id: Mapped[UUID] = mapped_column(ForeignKey("clinicians.id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    previous_sha256: Mapped[bytes | None] = mapped_column(unique=True)
    rotated_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    second_factor_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class FailedSignIn(Base):
    """A wrong password or code: for whom (SHA-256 of the address) and from where, kept a short while."""

    __tablename__ = "failed_sign_ins"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    who_sha256: Mapped[bytes]
    origin: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_failed_sign_ins_who", "who_sha256", "origin", "at"),)

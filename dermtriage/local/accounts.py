"""The demo's platform, API key and clinician: made once, kept in the home, mode 600."""

import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApiKey
from db.session import make_engine, make_sessions
from dermtriage.local.home import Home
from web.access import SCOPES
from web.credentials import create_api_key, create_clinician, create_platform


@dataclass(frozen=True)
class Accounts:
    """What a newcomer signs in with."""

    api_key: str
    email: str
    password: str


def demo_accounts(home: Home, database_url: str) -> Accounts:
    """The accounts of this home: those of the first start, made now if the database does not know them."""
    engine = make_engine(database_url)
    try:
        with make_sessions(engine).begin() as session:
            kept = home.recall("accounts")
            if kept and _is_known(session, kept["api_key"]):
                return Accounts(**kept)
            accounts = _create(session)
            # Before the commit: a start cut short here leaves accounts that the check above finds unknown.
            home.remember("accounts", asdict(accounts))
            home.forget("samples")
        return accounts
    finally:
        engine.dispose()


def _is_known(session: Session, api_key: str) -> bool:
    digest = sha256(api_key.encode()).digest()
    return session.scalar(select(ApiKey.id).where(ApiKey.secret_sha256 == digest)) is not None


def _create(session: Session) -> Accounts:
    email, password = "clinician@demo.example", secrets.token_urlsafe(12)
    platform = create_platform(session, "Demo telehealth")
    api_key = create_api_key(session, platform.id, "demo", list(SCOPES))
    create_clinician(session, email, "Demo Clinician", password)
    return Accounts(api_key, email, password)

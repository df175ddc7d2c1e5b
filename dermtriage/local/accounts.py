"""The demo's platform, API key and one person a role: made once, kept in the home, mode 600."""

import secrets
from dataclasses import asdict, astuple, dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApiKey
from db.session import make_engine, make_sessions
from dermtriage.local.home import Home
from web.access import SCOPES
from web.credentials import create_api_key, create_platform
from web.grants import READERS, ROLES, Role
from web.people import add_person
from web.person import Person

PLATFORM = "Demo telehealth"


@dataclass(frozen=True)
class Account:
    """A person's sign-in."""

    role: str
    email: str
    password: str


@dataclass(frozen=True)
class Accounts:
    """What a newcomer signs in with: one person of each role, the clinician first."""

    api_key: str
    people: tuple[Account, ...]

    def table(self) -> list[str]:
        """The people as lines: role, address, password."""
        roles, emails = (max(len(row[n]) for row in map(astuple, self.people)) for n in (0, 1))
        return [f"{each.role:{roles}}   {each.email:{emails}}   {each.password}" for each in self.people]


def demo_accounts(home: Home, database_url: str) -> Accounts:
    """The accounts of this home: those of the first start, made now where the database does not know them."""
    engine = make_engine(database_url)
    try:
        with make_sessions(engine).begin() as session:
            kept = home.recall("accounts")
            if kept and _is_known(session, kept["api_key"]):
                accounts = Accounts(kept["api_key"], _with_every_role(session, _people_of(kept)))
            else:
                accounts = _create(session)
                home.forget("samples")
            # Before the commit: a start cut short here leaves accounts that the check above finds unknown.
            home.remember("accounts", asdict(accounts))
        return accounts
    finally:
        engine.dispose()


def _is_known(session: Session, api_key: str) -> bool:
    digest = sha256(api_key.encode()).digest()
    return session.scalar(select(ApiKey.id).where(ApiKey.secret_sha256 == digest)) is not None


def _people_of(kept: dict[str, Any]) -> tuple[Account, ...]:
    # A home of an earlier version has one clinician.
    people = kept.get("people", [{"role": "clinician", **{k: kept.get(k) for k in ("email", "password")}}])
    return tuple(Account(**each) for each in people)


def _create(session: Session) -> Accounts:
    platform = create_platform(session, PLATFORM)
    api_key = create_api_key(session, platform.id, "demo", list(SCOPES))
    return Accounts(api_key, _with_every_role(session, ()))


def _with_every_role(session: Session, people: tuple[Account, ...]) -> tuple[Account, ...]:
    present = {account.role for account in people}
    return (*people, *(_add(session, role) for role in ROLES if role not in present))


def _add(session: Session, role: Role) -> Account:
    account = Account(role, f"{role}@demo.example", secrets.token_urlsafe(12))
    granted = [PLATFORM] if role in READERS else []
    person = Person(email=account.email, name=f"Demo {role.capitalize()}", role=role, platforms=granted)
    add_person(session, person, account.password)
    return account

"""The demo's accounts: one person a role, made once, and added to a home of an earlier version."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApiKey, Clinician, Platform
from db.readers import reader_of
from dermtriage.local.accounts import PLATFORM, Account, Accounts, demo_accounts
from dermtriage.local.home import Home
from web.credentials import create_api_key, create_platform, password_matches
from web.grants import READERS, ROLES


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_one_person_of_each_role_signs_in_and_readers_see_the_demos_cases(
    home: Home, database_url: str, session: Session
) -> None:
    accounts = demo_accounts(home, database_url)
    assert [each.role for each in accounts.people] == list(ROLES)
    platform = session.scalars(select(Platform)).one()
    for each in accounts.people:
        person = session.scalars(select(Clinician).where(Clinician.email == each.email)).one()
        assert person.role == each.role
        assert password_matches(person, each.password)
        granted = {platform.id} if each.role in READERS else set()
        assert reader_of(session, person.id).platforms == granted


def test_the_second_start_has_the_same_accounts(home: Home, database_url: str, session: Session) -> None:
    assert demo_accounts(home, database_url) == demo_accounts(home, database_url)
    assert len(session.scalars(select(Clinician)).all()) == len(ROLES)


def test_a_home_of_an_earlier_version_keeps_its_clinician_and_gets_the_other_roles(
    home: Home, database_url: str, session: Session
) -> None:
    key = create_api_key(session, create_platform(session, PLATFORM).id, "demo", ["cases:read"])
    session.commit()
    kept = {"email": "clinician@demo.example", "password": "the old password"}
    home.remember("accounts", {"api_key": key, **kept})
    home.remember("samples", {"ids": []})
    accounts = demo_accounts(home, database_url)
    assert accounts.api_key == key
    assert accounts.people[0] == Account("clinician", **kept)
    assert {each.role for each in accounts.people} == set(ROLES)
    assert home.recall("samples") is not None


def test_accounts_that_the_database_does_not_know_are_made_anew(
    home: Home, database_url: str, session: Session
) -> None:
    home.remember("accounts", {"api_key": "dtk_of_another_database", "people": []})
    home.remember("samples", {"ids": []})
    accounts = demo_accounts(home, database_url)
    assert len(accounts.people) == len(ROLES)
    assert session.scalars(select(ApiKey)).one().name == "demo"
    assert home.recall("samples") is None
    assert json.loads((home.folder / "accounts.json").read_text())["api_key"] == accounts.api_key


def test_the_table_has_a_line_for_each_person() -> None:
    people = (Account("clinician", "c@demo.example", "p1"), Account("analyst", "an@demo.example", "p2"))
    assert Accounts("key", people).table() == [
        "clinician   c@demo.example    p1",
        "analyst     an@demo.example   p2",
    ]

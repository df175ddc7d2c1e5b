"""The administrator's commands against a real database."""

from hashlib import sha256

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.models import ApiKey, Clinician, Platform
from dermtriage.cli import group
from tests.factories import make_case, make_platform
from web.access import SCOPES


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", "memory://commands")


def test_a_platforms_key_is_shown_once_and_stored_as_its_hash(session: Session) -> None:
    output = CliRunner().invoke(group, ["platform", "create", "clinic-online"]).output
    shown = next(line.split()[1] for line in output.splitlines() if line.startswith("api_key:"))
    key = session.scalars(select(ApiKey)).one()
    assert key.secret_sha256 == sha256(shown.encode()).digest()
    assert set(key.scopes) == set(SCOPES)


def test_a_further_key_may_have_fewer_scopes(session: Session) -> None:
    make_platform(session, "clinic-online")
    CliRunner().invoke(group, ["platform", "key", "clinic-online", "--scope", "cases:read"])
    assert session.scalars(select(ApiKey)).one().scopes == ["cases:read"]


def test_an_unknown_scope_is_refused_with_the_known_ones(session: Session) -> None:
    result = CliRunner().invoke(group, ["platform", "create", "x", "--scope", "everything"])
    assert result.exit_code == 2
    assert "cases:read" in result.output
    assert session.scalars(select(Platform)).all() == []


def test_a_clinicians_password_is_stored_as_argon2(session: Session) -> None:
    arguments = [
        "clinician",
        "create",
        "Reader@Example.org",
        "--name",
        "Dr Reader",
        "--password",
        "correct horse battery",
        "--all-platforms",
    ]
    assert CliRunner().invoke(group, arguments).exit_code == 0
    clinician = session.scalars(select(Clinician)).one()
    assert clinician.email == "reader@example.org"
    assert clinician.password_hash.startswith("$argon2id$")


def test_a_short_password_is_refused(session: Session) -> None:
    result = CliRunner().invoke(
        group,
        ["clinician", "create", "a@example.org", "--name", "A", "--all-platforms", "--password", "short"],
    )
    assert result.exit_code == 2
    assert session.scalars(select(Clinician)).all() == []


def test_audit_verify_exits_1_and_names_the_fault(session: Session) -> None:
    made = make_case(session, make_platform(session))
    assert CliRunner().invoke(group, ["audit", "verify"]).exit_code == 0
    session.execute(text("SET session_replication_role = replica"))
    session.execute(text("UPDATE audit_entries SET actor = 'nobody'"))
    session.commit()
    result = CliRunner().invoke(group, ["audit", "verify"])
    assert result.exit_code == 1
    assert str(made.id) in result.output

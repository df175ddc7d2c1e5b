"""`dermtriage clinician`: people are added, listed, changed and disabled, and mistakes told with a remedy."""

from datetime import timedelta
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician, ClinicianSession, Notice, PlatformGrant
from dermtriage.cli import group
from dermtriage.commands.clinician import ROLES
from tests.factories import make_case, make_platform
from web.credentials import password_matches
from web.grants import Role
from web.sessions import PROGRAM, open_session

EMAIL, PASSWORD = "reader@example.org", "correct horse battery"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", "memory://commands")


def run(*arguments: str, **how: Any) -> Result:
    return CliRunner().invoke(group, ["clinician", *arguments], **how)


@pytest.fixture
def reader(session: Session) -> Clinician:
    """A clinician of all platforms, signed in."""
    created = run("create", EMAIL, "--name", "Dr Reader", "--all-platforms", "--password", PASSWORD)
    assert created.exit_code == 0, created.output
    found = session.scalars(select(Clinician)).one()
    open_session(session, found.id, PROGRAM, now() + timedelta(hours=1))
    session.commit()
    return found


def is_signed_in(session: Session) -> bool:
    session.expire_all()
    return session.scalars(select(ClinicianSession)).one().revoked_at is None


def test_the_command_knows_the_roles_of_the_grants() -> None:
    assert get_args(Role) == ROLES


def test_a_person_is_created_with_role_and_grants(session: Session) -> None:
    ours, theirs = make_platform(session, "ours"), make_platform(session, "theirs")
    arguments = ["--name", "Dr S", "--role", "senior", "--platform", "ours", "--platform", "theirs"]
    limits = ["--region", "FR", "--region", "BE-BRU", "--language", "fr", "--locale", "fr"]
    result = run("create", "S@Example.org", *arguments, *limits, env={"CLINICIAN_PASSWORD": PASSWORD})
    assert result.exit_code == 0, result.output
    created = session.scalars(select(Clinician)).one()
    assert (created.email, created.role, created.locale) == ("s@example.org", "senior", "fr")
    assert (created.regions, created.languages) == (["BE-BRU", "FR"], ["fr"])
    assert set(session.scalars(select(PlatformGrant.platform_id))) == {ours.id, theirs.id}
    assert not created.all_platforms
    assert password_matches(created, PASSWORD)


WRONG = [
    (["--all-platforms", "--role", "owner"], "--role", "senior"),
    ([], "--platform", "all platforms"),
    (["--platform", "unheard-of"], "--platform", "dermtriage platform create"),
    (["--all-platforms", "--region", "Paris"], "--region", "FR-75"),
    (["--all-platforms", "--language", "french"], "--language", "fr"),
    (["--all-platforms", "--locale", "de"], "--locale", "en or fr"),
    (["--all-platforms", "--password", "short"], "--password", "at least 12"),
]


@pytest.mark.parametrize(("arguments", "option", "remedy"), WRONG)
def test_what_is_wrong_is_said_with_the_option_and_the_remedy(
    session: Session, arguments: list[str], option: str, remedy: str
) -> None:
    result = run("create", EMAIL, "--name", "Dr R", *arguments, env={"CLINICIAN_PASSWORD": PASSWORD})
    assert result.exit_code == 2
    assert option in result.output
    assert remedy in " ".join(result.output.split())
    assert session.scalars(select(Clinician)).all() == []


def test_an_address_is_given_once(reader: Clinician) -> None:
    result = run("create", EMAIL, "--name", "Else", "--all-platforms", "--password", PASSWORD)
    assert result.exit_code == 2
    assert "EMAIL" in result.output
    assert "exists" in result.output


@pytest.mark.parametrize("command", ["change", "disable", "enable", "reset-second-factor"])
def test_an_address_that_nobody_has_is_said(session: Session, command: str) -> None:
    extra = ["--name", "Else"] if command == "change" else []
    result = run(command, "nobody@example.org", *extra)
    assert result.exit_code == 2
    assert "clinician list" in result.output


def test_the_list_shows_role_grants_and_state(session: Session, reader: Clinician) -> None:
    make_platform(session, "ours")
    run("change", EMAIL, "--platform", "ours", "--region", "FR", "--language", "fr")
    run("disable", EMAIL)
    listed = run("list").output
    for shown in (EMAIL, "clinician", "Dr Reader", "ours", "regions: FR", "languages: fr", "disabled"):
        assert shown in listed
    assert "argon2" not in listed


def test_what_is_not_given_stays_and_a_given_list_replaces(session: Session, reader: Clinician) -> None:
    ours = make_platform(session, "ours")
    assert run("change", EMAIL, "--platform", "ours", "--region", "FR", "--region", "BE").exit_code == 0
    assert run("change", EMAIL, "--region", "DE", "--language", "de").exit_code == 0
    session.refresh(reader)
    assert (reader.all_platforms, reader.regions, reader.languages) == (False, ["DE"], ["de"])
    assert session.scalars(select(PlatformGrant.platform_id)).all() == [ours.id]
    assert run("change", EMAIL, "--any-region", "--any-language", "--all-platforms").exit_code == 0
    session.refresh(reader)
    assert (reader.all_platforms, reader.regions, reader.languages) == (True, [], [])
    assert is_signed_in(session), "grants sign nobody out"


def test_a_change_of_nothing_is_refused(reader: Clinician) -> None:
    result = run("change", EMAIL)
    assert result.exit_code == 2
    assert "what to change" in result.output


def test_another_role_signs_out_everywhere(session: Session, reader: Clinician) -> None:
    assert run("change", EMAIL, "--role", "senior").exit_code == 0
    assert not is_signed_in(session)


def test_another_password_signs_out_everywhere(session: Session, reader: Clinician) -> None:
    new = "battery staple horse"
    assert run("change", EMAIL, "--password", input=f"{new}\n{new}\n").exit_code == 0
    assert not is_signed_in(session)
    session.refresh(reader)
    assert password_matches(reader, new)


def test_who_is_disabled_is_signed_out_and_cases_that_nobody_reads_are_told(
    session: Session, reader: Clinician
) -> None:
    case = make_case(session, make_platform(session))
    assert run("disable", EMAIL).exit_code == 0
    assert not is_signed_in(session)
    notice = session.scalars(select(Notice)).one()
    assert (notice.kind, notice.case_id, notice.ended_at) == ("unclaimable", case.id, None)
    assert run("enable", EMAIL).exit_code == 0
    session.refresh(notice)
    assert notice.ended_at


def test_a_second_factor_is_reset(session: Session, reader: Clinician) -> None:
    reader.totp_secret, reader.totp_confirmed_at = "JBSWY3DPEHPK3PXP", now()
    session.commit()
    assert "second factor: yes" in run("list").output
    assert run("reset-second-factor", EMAIL).exit_code == 0
    assert not is_signed_in(session)
    assert "second factor: no" in run("list").output

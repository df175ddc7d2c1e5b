"""`dermtriage audit` against a real database: verify, show, export, and an anchor kept elsewhere."""

import json
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.audit import anchor_chains
from db.models import Case
from db.moves import move_one
from dermtriage.cli import group
from tests.factories import make_case, make_clinician, make_platform


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", "memory://commands")


@pytest.fixture
def case(session: Session) -> Case:
    """A case that a clinician claimed, with an anchor over its chain."""
    case = make_case(session, make_platform(session))
    actor = f"clinician:{make_clinician(session).id}"
    move_one(session, case.id, status="in_review", action="review.claimed", actor=actor, detail="review:1")
    anchor_chains(session)
    session.commit()
    return case


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["audit", *map(str, arguments)])


def _tamper(session: Session) -> None:
    session.execute(text("SET session_replication_role = replica"))
    session.execute(text("DELETE FROM audit_entries WHERE seq = 2"))
    session.commit()


def test_verify_exits_1_and_names_the_fault(session: Session, case: Case) -> None:
    assert (_run("verify").exit_code, _run("verify").output) == (0, "The audit trail is whole.\n")
    _tamper(session)
    result = _run("verify")
    assert result.exit_code == 1
    assert f"case {case.id}: the end of the chain is missing (entry 2)" in result.output
    assert "anchor 1:" in result.output


def test_show_lists_who_did_what_and_the_state_of_the_chain(session: Session, case: Case) -> None:
    shown = _run("show", case.id)
    assert shown.exit_code == 0
    first, second, last = shown.output.splitlines()
    assert "case.accepted" in first
    assert "clinic-online" in first
    assert "review.claimed" in second
    assert "queued > in_review" in second
    assert "(Dr Reader)  review:1" in second
    assert last == "This chain is whole."
    assert "review.claimed" in _run("show", case.id, "--last", 1).output.splitlines()[0]
    _tamper(session)
    assert _run("show", case.id).exit_code == 1


def test_export_writes_json_lines_with_what_a_check_found(session: Session, case: Case) -> None:
    head, *entries, last = [json.loads(line) for line in _run("export", case.id).output.splitlines()]
    assert head["case_id"] == str(case.id)
    assert [entry["seq"] for entry in entries] == [1, 2]
    assert last == {"verified": True, "faults": [], "entries": 2, "head": entries[1]["hash"], "case": "there"}
    _tamper(session)
    last = json.loads(_run("export", case.id).output.splitlines()[-1])
    assert (last["verified"], len(last["faults"])) == (False, 1)


@pytest.mark.parametrize("command", ["show", "export"])
def test_a_case_that_never_was_is_named(command: str) -> None:
    missing = uuid4()
    result = _run(command, missing)
    assert result.exit_code == 1
    assert str(missing) in result.output


def test_an_anchor_kept_elsewhere_tells_when_the_newest_ones_are_removed(
    session: Session, case: Case
) -> None:
    kept = _run("anchor").output.strip()
    assert _run("verify", "--anchor", kept).exit_code == 0
    session.execute(text("SET session_replication_role = replica"))
    session.execute(text("DELETE FROM audit_anchors"))
    session.commit()
    assert _run("verify").exit_code == 0
    result = _run("verify", "--anchor", kept)
    assert result.exit_code == 1
    assert "not the one that was written down" in result.output
    assert _run("anchor").exit_code == 1


def test_an_anchor_of_another_form_is_refused() -> None:
    assert _run("verify", "--anchor", "twelve").exit_code == 2

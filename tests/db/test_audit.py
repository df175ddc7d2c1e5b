"""The audit trail cannot be changed, and a change made behind the database's back is found."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.audit import anchor_chains, verify_chains
from db.models import AuditAnchor, Case
from db.moves import choose, move
from tests.factories import make_case, make_platform


@pytest.fixture
def trail(session: Session) -> Session:
    """Two cases with two entries each, anchored after the first entries and again after the second."""
    platform = make_platform(session)
    for _ in range(2):
        make_case(session, platform)
    anchor_chains(session)
    session.commit()
    move(session, choose(Case.status == "queued"), status="assessing", action="claim", actor="worker:test")
    anchor_chains(session)
    session.commit()
    return session


@pytest.mark.parametrize("table", ["audit_entries", "audit_anchors"])
@pytest.mark.parametrize("attack", ["DELETE FROM {}", "UPDATE {} SET at = now()", "TRUNCATE {}"])
def test_the_database_refuses_to_change_the_trail(trail: Session, table: str, attack: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        trail.execute(text(attack.format(table)))


def test_a_whole_trail_verifies(trail: Session) -> None:
    assert verify_chains(trail) == []


def _behind_the_triggers(session: Session, statement: str) -> list[str]:
    session.execute(text("SET session_replication_role = replica"))
    session.execute(text(statement))
    return verify_chains(session)


def test_a_changed_entry_is_found(trail: Session) -> None:
    faults = _behind_the_triggers(trail, "UPDATE audit_entries SET actor = 'nobody' WHERE seq = 1")
    assert any("entry 1 was changed" in fault for fault in faults)


def test_a_removed_entry_is_found(trail: Session) -> None:
    faults = _behind_the_triggers(trail, "DELETE FROM audit_entries WHERE seq = 1")
    assert any("entry 1 is missing" in fault for fault in faults)


def test_a_chain_cut_at_its_end_is_found_by_the_anchor(trail: Session) -> None:
    faults = _behind_the_triggers(trail, "DELETE FROM audit_entries WHERE seq = 2")
    assert [fault.split(":")[0] for fault in faults] == ["anchor 2"]


def test_no_anchor_is_laid_where_nothing_grew(trail: Session) -> None:
    assert anchor_chains(trail) is None
    assert len(trail.scalars(select(AuditAnchor)).all()) == 2


def test_entries_outlive_the_case_they_speak_of(trail: Session) -> None:
    trail.execute(text("DELETE FROM cases"))
    trail.commit()
    assert verify_chains(trail) == []

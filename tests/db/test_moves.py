"""A case moves in one statement: old state checked, audit entry written, changed rows counted."""

import threading

import pytest
from sqlalchemy import Engine, case, select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.models import AuditEntry, Case
from db.moves import StateConflict, choose, move, move_one
from tests.factories import make_case, make_platform

HOW = {"action": "assessment.claimed", "actor": "worker:test"}


def test_a_move_changes_the_state_and_appends_its_audit_entry(session: Session) -> None:
    made = make_case(session, make_platform(session))
    move_one(session, made.id, Case.status == "queued", status="assessing", **HOW)
    session.commit()
    assert session.scalar(select(Case.status).where(Case.id == made.id)) == "assessing"
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.case_id == made.id, AuditEntry.seq == 2)
    ).one()
    assert (entry.old_status, entry.new_status) == ("queued", "assessing")
    assert verify_chains(session) == []


def test_a_move_from_another_state_is_refused_and_leaves_no_entry(session: Session) -> None:
    made = make_case(session, make_platform(session), status="completed")
    with pytest.raises(StateConflict):
        move_one(session, made.id, Case.status == "queued", status="assessing", **HOW)
    session.rollback()
    assert session.scalars(select(AuditEntry.seq).where(AuditEntry.case_id == made.id)).all() == [1]


def test_a_batch_moves_at_once_and_each_case_keeps_its_own_chain(session: Session) -> None:
    platform = make_platform(session)
    cases = [make_case(session, platform) for _ in range(5)]
    moved = move(session, choose(Case.status == "queued"), status="assessing", **HOW)
    session.commit()
    assert {row.id for row in moved} == {made.id for made in cases}
    assert verify_chains(session) == []


def test_the_new_state_may_depend_on_the_old_row(session: Session) -> None:
    platform = make_platform(session)
    held = make_case(session, platform, status="in_review", assess_state="done")
    waiting = make_case(session, platform, status="in_review", assess_state="waiting")
    status = case((Case.assess_state == "done", "awaiting_review"), else_="queued")
    move(session, choose(Case.status == "in_review"), status=status, **HOW)
    session.commit()
    found = {row.id: row.status for row in session.execute(select(Case.id, Case.status))}
    assert found == {held.id: "awaiting_review", waiting.id: "queued"}
    assert verify_chains(session) == []


def test_of_two_who_move_one_case_at_once_exactly_one_succeeds(engine: Engine, session: Session) -> None:
    made = make_case(session, make_platform(session))
    start, outcomes = threading.Barrier(2), []

    def try_to_move() -> None:
        start.wait()
        try:
            with Session(engine) as mine, mine.begin():
                move_one(mine, made.id, Case.status == "queued", status="assessing", **HOW)
            outcomes.append("moved")
        except StateConflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=try_to_move) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "refused"]

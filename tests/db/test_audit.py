"""The audit trail cannot be changed, and a change made behind the database's back is found."""

from uuid import UUID

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.audit import anchor_chains, entry_hash, verify_chain, verify_chains
from db.audit.anchors import heads_digest, sealed
from db.models import AuditAnchor, AuditEntry, Case
from db.moves import choose, move, move_one
from tests.factories import make_case, make_platform


@pytest.fixture
def trail(session: Session) -> Session:
    """Two cases with three entries each, and an anchor after each pair of entries."""
    platform = make_platform(session)
    for _ in range(2):
        make_case(session, platform)
    anchor_chains(session)
    session.commit()
    for before, after in (("queued", "assessing"), ("assessing", "awaiting_review")):
        move(session, choose(Case.status == before), status=after, action="step", actor="worker:test")
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


def _behind_the_triggers(session: Session, *statements: str) -> list[str]:
    session.execute(text("SET session_replication_role = replica"))
    for statement in statements:
        session.execute(text(statement))
    return verify_chains(session)


FIRST = "(SELECT case_id FROM audit_entries ORDER BY id LIMIT 1)"
ATTACKS = {
    "a changed entry": ("UPDATE audit_entries SET actor = 'nobody' WHERE seq = 2", "entry 2 was changed"),
    "a changed moment": (
        "UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE seq = 1",
        "entry 1 was changed",
    ),
    "a changed hash": ("UPDATE audit_entries SET hash = sha256('x') WHERE seq = 2", "entry 2 was changed"),
    "a removed middle entry": ("DELETE FROM audit_entries WHERE seq = 2", "entry 2 is missing"),
    "a removed first entry": ("DELETE FROM audit_entries WHERE seq = 1", "entry 1 is missing"),
    "a removed last entry": (
        f"DELETE FROM audit_entries WHERE seq = 3 AND case_id = {FIRST}",
        "the end of the chain is missing (entry 3)",
    ),
    "removed last entries": (
        f"DELETE FROM audit_entries WHERE seq > 1 AND case_id = {FIRST}",
        "the end of the chain is missing (entry 2 to 3)",
    ),
    "a removed chain": (
        f"DELETE FROM audit_entries WHERE case_id = {FIRST}",
        "the end of the chain is missing (entry 1 to 3)",
    ),
    "swapped entries": (
        "UPDATE audit_entries SET seq = -seq WHERE seq > 1;"
        "UPDATE audit_entries SET seq = 5 + seq WHERE seq < 0",
        "entry 2 was changed",
    ),
    "entries that changed their places": (
        f"UPDATE audit_entries SET id = -id WHERE case_id = {FIRST}",
        "entry 2 stands out of order",
    ),
    "an entry added at the end": (
        "INSERT INTO audit_entries (case_id, seq, at, actor, action, old_status, new_status, detail, hash) "
        "SELECT case_id, 4, at, actor, action, new_status, new_status, detail, sha256(hash || convert_to("
        "concat(case_id, '|', 4, '|', (extract(epoch FROM at) * 1000000)::bigint, '|', actor, '|', action, "
        "'|', new_status, '|', new_status, '|', detail), 'UTF8')) FROM audit_entries WHERE seq = 3",
        "the chain does not end where its case says",
    ),
    "a chain of its own making": (
        "INSERT INTO audit_entries (case_id, seq, at, actor, action, old_status, new_status, detail, hash) "
        "VALUES (gen_random_uuid(), 1, now(), 'nobody', 'case.accepted', '', 'queued', '', sha256('x'))",
        "it is gone, and no entry says that it was erased",
    ),
    "a case removed without an erasure": (
        f"DELETE FROM cases WHERE id = {FIRST}",
        "it is gone, and no entry says that it was erased",
    ),
    "a changed case head": (
        f"UPDATE cases SET audit_head = sha256('x') WHERE id = {FIRST}",
        "the chain does not end where its case says",
    ),
    "a changed digest": ("UPDATE audit_anchors SET digest = sha256('x') WHERE id = 2", "anchor 2"),
    "a changed count of heads": ("UPDATE audit_anchors SET heads = 9 WHERE id = 2", "anchor 2"),
    "a changed moment of an anchor": (
        "UPDATE audit_anchors SET at = at - interval '1 day' WHERE id = 2",
        "anchor 2",
    ),
    "a changed reach of an anchor": (
        "UPDATE audit_anchors SET through_entry_id = through_entry_id - 1 WHERE id = 2",
        "anchor 2",
    ),
    "a removed anchor": ("DELETE FROM audit_anchors WHERE id = 1", "anchor 2"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_whatever_is_done_to_the_trail_is_found(trail: Session, attack: str) -> None:
    statement, fault = ATTACKS[attack]
    faults = _behind_the_triggers(trail, *statement.split(";"))
    assert any(fault in found for found in faults), faults


def test_a_chain_and_its_case_cut_together_are_found_by_the_anchor(trail: Session) -> None:
    faults = _behind_the_triggers(
        trail,
        "DELETE FROM audit_entries WHERE seq = 3",
        "UPDATE cases SET audit_seq = 2, audit_head = (SELECT hash FROM audit_entries WHERE case_id = "
        "cases.id AND seq = 2)",
    )
    assert {fault.split(":")[0] for fault in faults} == {"anchor 3"}


def test_a_chain_rewritten_with_right_hashes_is_found_by_the_anchor(trail: Session) -> None:
    trail.execute(text("SET session_replication_role = replica"))
    case = trail.scalars(select(Case)).first()
    assert case is not None
    head = b""
    for entry in _entries(trail, case.id):
        fields = {name: getattr(entry, name) for name in ("seq", "at", "action", "old_status", "new_status")}
        head = entry_hash(head, case_id=case.id, actor="nobody", detail=entry.detail, **fields)
        entry.actor, entry.hash = "nobody", head
    case.audit_head = head
    trail.flush()
    faults = verify_chains(trail)
    assert [fault.split(":")[0] for fault in faults] == ["anchor 1", "anchor 2", "anchor 3"]


def _erased(session: Session) -> UUID:
    """A case that was lawfully erased, and an anchor over that."""
    case = session.scalars(select(Case)).first()
    assert case is not None
    move_one(session, case.id, status=Case.status, action="case.erased", actor="platform:test")
    session.execute(delete(Case).where(Case.id == case.id))
    session.flush()
    anchor_chains(session)
    session.commit()
    assert verify_chains(session) == []
    return case.id


@pytest.mark.parametrize(
    ("attack", "fault"),
    [
        ("DELETE FROM audit_entries WHERE case_id = '{}' AND seq = 4", "no entry says that it was erased"),
        ("DELETE FROM audit_entries WHERE case_id = '{}'", "anchor 4"),
        (
            "INSERT INTO audit_entries (case_id, seq, at, actor, action, old_status, new_status, detail, "
            "hash) VALUES ('{}', 5, now(), 'nobody', 'case.read', '', '', '', sha256('x'))",
            "entry 5 comes after the erasure",
        ),
    ],
)
def test_the_chain_of_an_erased_case_is_kept_by_the_anchors(trail: Session, attack: str, fault: str) -> None:
    erased = _erased(trail)
    faults = _behind_the_triggers(trail, attack.format(erased))
    assert any(fault in found for found in faults), faults


def test_a_case_that_came_back_after_its_erasure_is_found(trail: Session) -> None:
    case = trail.scalars(select(Case)).first()
    assert case is not None
    move_one(trail, case.id, status=Case.status, action="case.erased", actor="platform:test")
    assert any("though its erasure is on record" in fault for fault in verify_chains(trail))


def test_an_anchor_that_was_written_down_tells_of_the_removal_of_the_newest(trail: Session) -> None:
    newest = trail.scalars(select(AuditAnchor).order_by(AuditAnchor.id.desc())).first()
    assert newest is not None
    kept = (newest.id, newest.digest)
    assert verify_chains(trail, kept) == []
    _behind_the_triggers(trail, "DELETE FROM audit_anchors WHERE id = (SELECT max(id) FROM audit_anchors)")
    trail.expire_all()
    assert verify_chains(trail, kept) == [f"anchor {kept[0]}: it is not the one that was written down"]


def test_an_anchor_from_before_moments_were_sealed_still_holds_but_not_after_a_sealed_one(
    trail: Session,
) -> None:
    trail.execute(text("SET session_replication_role = replica"))
    first, second, _ = trail.scalars(select(AuditAnchor).order_by(AuditAnchor.id)).all()
    digest_1 = heads_digest(trail, 0, first.through_entry_id, b"")[1]
    digest_2 = heads_digest(trail, first.through_entry_id, second.through_entry_id, digest_1)[1]
    first.digest = digest_1
    second.digest = sealed(digest_2, second.at)
    trail.execute(text("DELETE FROM audit_anchors WHERE id > 2"))
    trail.flush()
    assert verify_chains(trail) == []
    second.digest = digest_2
    first.digest = sealed(heads_digest(trail, 0, first.through_entry_id, b"")[1], first.at)
    trail.flush()
    assert [fault.split(":")[0] for fault in verify_chains(trail)] == ["anchor 2"]


def test_one_chain_is_verified_alone(trail: Session) -> None:
    first, second = (case.id for case in trail.scalars(select(Case).order_by(Case.id)))
    _behind_the_triggers(trail, f"DELETE FROM audit_entries WHERE seq = 3 AND case_id = '{first}'")
    assert verify_chain(trail, first) == [f"case {first}: the end of the chain is missing (entry 3)"]
    assert verify_chain(trail, second) == []


def test_no_anchor_is_laid_where_nothing_grew(trail: Session) -> None:
    assert anchor_chains(trail) is None
    assert len(trail.scalars(select(AuditAnchor)).all()) == 3


def _entries(session: Session, case_id: UUID) -> list[AuditEntry]:
    found = select(AuditEntry).where(AuditEntry.case_id == case_id).order_by(AuditEntry.seq)
    return list(session.scalars(found))

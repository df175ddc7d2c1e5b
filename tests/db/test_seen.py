"""One entry a review and session says that a case was seen, also when two requests come at once."""

from threading import Thread
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.audit.seen import note_seen, note_trail_exported, note_trail_read
from db.ids import new_id
from db.models import AuditEntry
from db.session import make_sessions
from tests.factories import make_case, make_platform

REVIEW, VISIT = new_id(), new_id()


def test_it_is_noted_once_for_each_person_review_and_session(session: Session) -> None:
    case = make_case(session, make_platform(session)).id
    first = (case, REVIEW, "clinician:1", VISIT)
    assert [note_seen(session, *first), note_seen(session, *first)] == [True, False]
    assert note_seen(session, case, REVIEW, "clinician:1", new_id())
    assert note_seen(session, case, new_id(), "clinician:1", VISIT)
    assert note_seen(session, case, REVIEW, "clinician:2", VISIT)
    assert note_trail_read(session, case, "clinician:1", VISIT)
    assert note_trail_exported(session, case, "clinician:1", VISIT)
    assert not note_trail_read(session, case, "clinician:1", VISIT)
    assert verify_chains(session) == []


def test_of_two_at_once_the_second_waits_and_notes_nothing(engine: Engine, session: Session) -> None:
    case = make_case(session, make_platform(session)).id
    answers: list[bool] = []

    def look() -> None:
        with make_sessions(engine).begin() as other:
            answers.append(note_seen(other, case, REVIEW, "clinician:1", VISIT))

    assert note_seen(session, case, REVIEW, "clinician:1", VISIT)
    second = Thread(target=look)
    second.start()
    second.join(1)
    assert second.is_alive(), "it waits for the lock on the case"
    session.commit()
    second.join(30)
    assert answers == [False]
    assert len(_seen(session, case)) == 1


def test_a_case_that_is_gone_is_not_noted(session: Session) -> None:
    assert not note_trail_read(session, new_id(), "clinician:1", VISIT)
    assert session.scalars(select(AuditEntry)).all() == []


def _seen(session: Session, case_id: UUID) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.case_id == case_id, AuditEntry.action == "review.seen")
    return list(session.scalars(query))

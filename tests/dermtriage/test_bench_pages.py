"""The bench of the pages finds a case in two hands, and a decision that was lost."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.ids import new_id, now
from db.models import Case, Clinician, Review
from db.session import SessionFactory, make_sessions
from dermtriage.bench.page_p95_50_vs_1 import check
from tests.factories import make_case, make_clinician, make_platform


@pytest.fixture
def sessions(engine: Engine) -> SessionFactory:
    return make_sessions(engine)


@pytest.fixture
def person(session: Session) -> Clinician:
    return make_clinician(session)


@pytest.fixture
def case(session: Session) -> Case:
    return make_case(session, make_platform(session))


def add_review(session: Session, case: Case, person: Clinician, *, decided: bool = True) -> str:
    review = Review(case_id=case.id, clinician_id=person.id, decided_at=now() if decided else None)
    session.add(review)
    session.commit()
    return str(review.id)


def test_what_was_answered_for_and_is_stored_is_right(
    session: Session, sessions: SessionFactory, case: Case, person: Clinician
) -> None:
    check(sessions, [add_review(session, case, person)])


def test_a_case_in_two_hands_is_found(
    session: Session, sessions: SessionFactory, case: Case, person: Clinician
) -> None:
    add_review(session, case, person), add_review(session, case, person, decided=False)
    with pytest.raises(RuntimeError, match="1 cases came into two people's hands"):
        check(sessions, [])


def test_a_decision_that_was_lost_is_found(
    session: Session, sessions: SessionFactory, case: Case, person: Clinician
) -> None:
    undecided = add_review(session, case, person, decided=False)
    with pytest.raises(RuntimeError, match="2 of 2 decisions were lost"):
        check(sessions, [undecided, str(new_id())])

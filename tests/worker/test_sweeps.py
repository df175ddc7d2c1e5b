"""What only time makes due is done once, whoever sweeps and however often."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import new_id, now
from db.models import AuditAnchor, Event
from db.session import SessionFactory
from tests.factories import make_clinician
from tests.worker.conftest import PlaceCase
from triage import load_policy
from worker.sweeps import Sweeps


@pytest.fixture
def sweeps(sessions: SessionFactory) -> Sweeps:
    return Sweeps(sessions, load_policy(), 3, lambda: None)


def test_an_overdue_case_is_told_of_once(session: Session, place_case: PlaceCase, sweeps: Sweeps) -> None:
    late = place_case(due_at=now() - timedelta(minutes=1), level="urgent", status="awaiting_review")
    place_case(due_at=now() - timedelta(minutes=1), status="completed")
    place_case(due_at=now() - timedelta(minutes=1), status="cancelled")
    place_case(due_at=now() + timedelta(hours=1))
    assert [sweeps.record_overdue(), sweeps.record_overdue()] == [1, 0]
    event = session.scalars(select(Event)).one()
    assert (event.type, event.case_id, event.payload["level"]) == ("case.overdue", late.id, "urgent")


@pytest.mark.parametrize(
    ("assess_state", "status"),
    [
        ("done", "awaiting_review"),
        ("failed", "failed"),
        ("leased", "assessing"),
        ("waiting", "queued"),
        ("none", "needs_retake"),
    ],
)
def test_a_case_held_too_long_by_a_clinician_goes_back_where_it_came_from(
    session: Session, place_case: PlaceCase, sweeps: Sweeps, assess_state: str, status: str
) -> None:
    held = {
        "status": "in_review",
        "assess_state": assess_state,
        "reviewer_id": make_clinician(session).id,
        "review_token": new_id(),
        "lease_until": now() + timedelta(hours=1),
    }
    ended = place_case(**held, review_until=now() - timedelta(seconds=1))
    running = place_case(**held, review_until=now() + timedelta(minutes=5))
    assert sweeps.return_ended_reviews() == 1
    session.refresh(ended)
    session.refresh(running)
    assert (ended.status, ended.reviewer_id, ended.review_token) == (status, None, None)
    assert running.status == "in_review"


def test_the_audit_is_anchored_once_an_hour_whoever_asks(
    session: Session, place_case: PlaceCase, sweeps: Sweeps
) -> None:
    place_case()
    assert [sweeps.anchor_audit(), sweeps.anchor_audit()] == [1, 0]
    assert session.scalar(select(func.count()).select_from(AuditAnchor)) == 1
    assert verify_chains(session) == []


def test_every_sweep_has_a_name_of_its_own_and_runs_on_an_empty_database(sweeps: Sweeps) -> None:
    periodics = sweeps.periodics(5)
    assert len({periodic.name for periodic in periodics}) == len(periodics) == 4
    for periodic in periodics:
        periodic.run()

"""The judge of the chaos run sees what it is there to see: each kind of wrong fails the run."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.events import record_event
from db.ids import new_id, now
from db.models import Assessment, Case, SurveillanceCount
from tests.chaos.verdict import judge
from tests.chaos.world import RAISES
from tests.worker.conftest import (  # noqa: F401 - fixtures
    MakePipeline,
    PlaceCase,
    make_pipeline,
    place_case,
    platform,
    sessions,
    store,
)


@pytest.fixture
def at_rest(session: Session, place_case: PlaceCase, make_pipeline: MakePipeline) -> Session:  # noqa: F811
    """Three cases assessed, one failed in sight."""
    for n in range(3):
        place_case(seed=n)
    place_case(free_text=RAISES)
    make_pipeline(f"simulated:raise_on={RAISES}").run()
    return session


def test_a_run_without_loss_passes(at_rest: Session) -> None:
    verdict = judge(at_rest, 0)
    assert (verdict.accepted, verdict.assessed, verdict.failed_visible, verdict.inserted) == (4, 3, 1, 1)
    assert verdict.passed


def test_a_case_without_assessment_is_lost(at_rest: Session) -> None:
    assessment = at_rest.scalars(select(Assessment).limit(1)).one()
    at_rest.delete(assessment)
    at_rest.flush()
    verdict = judge(at_rest, 0)
    assert (verdict.lost, verdict.passed) == (1, False)


def test_a_case_that_waits_for_ever_is_lost(at_rest: Session) -> None:
    at_rest.execute(update(Case).where(Case.status == "awaiting_review").values(status="assessing"))
    assert judge(at_rest, 0).lost == 3


def test_an_event_too_many_is_a_double(at_rest: Session) -> None:
    case = at_rest.scalars(select(Case).where(Case.status == "awaiting_review").limit(1)).one()
    record_event(at_rest, "case.assessed", platform_id=case.platform_id, case_id=case.id, level=case.level)
    at_rest.flush()
    verdict = judge(at_rest, 0)
    assert (verdict.duplicated, verdict.passed) == (1, False)


def test_an_assessment_too_many_is_a_double(at_rest: Session) -> None:
    one = at_rest.scalars(select(Assessment).limit(1)).one()
    values = {
        column.key: getattr(one, column.key) for column in Assessment.__mapper__.columns if column.key != "id"
    }
    at_rest.add(Assessment(**{**values, "id": new_id(), "round": 1}))
    at_rest.flush()
    assert judge(at_rest, 0).duplicated == 1


def test_a_count_too_many_is_a_double(at_rest: Session) -> None:
    at_rest.execute(update(SurveillanceCount).values(count=SurveillanceCount.count + 1))
    assert not judge(at_rest, 0).passed


def test_a_failed_case_out_of_sight_fails_the_run(at_rest: Session) -> None:
    late = {"rank": 3, "level": "routine", "due_at": now() + timedelta(days=5)}
    at_rest.execute(update(Case).where(Case.status == "failed").values(late))
    verdict = judge(at_rest, 0)
    assert (verdict.failed_visible, verdict.passed) == (0, False)

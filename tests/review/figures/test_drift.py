"""A week in which a model is overruled far more than before alarms the administrators, once."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Assessment, Case, Clinician, ModelVersion, Notice, Platform, Review
from db.session import SessionFactory
from review.figures.drift import Week, raise_alarms
from review.figures.window import WEEK, window_until
from tests.factories import make_case
from tests.review.conftest import make_assessment


def _week(overridden: int, n: int, before: int, of: int, complete: bool = True) -> Week:
    return Week("r", "2026-W07", overridden, n, before, of, complete)


def test_a_week_as_before_does_not_drift() -> None:
    assert _week(10, 100, 80, 800).z == 0
    assert not _week(10, 100, 80, 800).drifts


def test_z_is_that_of_the_pooled_two_proportion_test() -> None:
    # By hand: pooled 60 of 300 = 0.2; error = sqrt(0.2 * 0.8 * (1/100 + 1/200)) = 0.04899; 0.15 / 0.04899.
    week = _week(30, 100, 30, 200)
    assert week.z == pytest.approx(3.0619, abs=1e-4)
    assert week.drifts


def test_fewer_overrides_than_before_drift_too() -> None:
    assert _week(0, 100, 160, 800).drifts


def test_a_week_with_few_readings_or_a_short_reference_tells_nothing() -> None:
    assert _week(29, 29, 10, 800).z is None
    assert _week(30, 30, 10, 99).z is None
    assert _week(30, 30, 10, 100).z is not None


def test_a_week_that_is_not_over_raises_no_alarm() -> None:
    assert not _week(90, 100, 80, 800, complete=False).drifts


def test_where_nobody_ever_overrode_nothing_drifts() -> None:
    assert _week(0, 100, 0, 800).z == 0


@pytest.fixture
def read_weeks(session: Session, platform: Platform, reader: Clinician) -> None:
    """Two weeks of 100 readings with 5 overrides, then one of 40 with 20, which is the last complete one."""
    last = window_until(now(), 1).start - WEEK
    template = make_case(session, platform, status="completed", final_at=now())
    assessment = make_assessment(session, template, "nev", "routine")
    for monday, n, overridden in ((last - 2 * WEEK, 100, 5), (last - WEEK, 100, 5), (last, 40, 20)):
        for number in range(n):
            _read(
                session, template, assessment, reader, monday + timedelta(hours=number), number < overridden
            )
    session.commit()


def _read(
    session: Session,
    case: Case,
    assessment: Assessment,
    reader: Clinician,
    at: datetime,
    overridden: bool,
) -> None:
    session.add(
        Review(
            case_id=case.id,
            clinician_id=reader.id,
            assessment_id=assessment.id,
            claimed_at=at - timedelta(minutes=1),
            decided_at=at,
            final_at=at,
            verdict="override" if overridden else "confirm",
            level="urgent" if overridden else "routine",
        )
    )


@pytest.mark.usefixtures("read_weeks")
def test_administrators_are_told_of_a_drifting_week_once(sessions: SessionFactory, session: Session) -> None:
    assert [raise_alarms(sessions), raise_alarms(sessions)] == [1, 0]
    (notice,) = session.scalars(select(Notice))
    week = window_until(now() - WEEK, 1).weeks[0]
    revision = session.scalars(select(ModelVersion.revision)).one()
    assert (notice.kind, notice.role, notice.case_id) == ("drift", "administrator", None)
    assert notice.subject == f"{revision}|{week}"
    assert notice.detail == "override:20/40 reference:10/200"
    notice.ended_at = now()
    session.commit()
    assert raise_alarms(sessions) == 0, "a notice that was ended does not come back"

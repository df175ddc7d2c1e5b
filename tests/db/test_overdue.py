"""Who hears of lateness: in stages, once each, whoever sweeps and however often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import new_id, now
from db.models import AuditEntry, Case, Event, FurtherReading, Notice, Platform, Review
from db.overdue import escalate
from db.overdue_notices import settle_notices
from db.session import SessionFactory, make_sessions
from tests.factories import make_case, make_clinician, make_platform

TARGET = timedelta(hours=4)


@pytest.fixture
def platform(session: Session) -> Platform:
    return make_platform(session)


@pytest.fixture
def sessions(engine: Engine) -> SessionFactory:
    return make_sessions(engine)


def late_by(session: Session, platform: Platform, share: float, **fields: Any) -> Case:
    """A waiting case that is late by this share of its target."""
    due = now() - TARGET * share
    times = {"accepted_at": due - TARGET, "due_at": due}
    return make_case(session, platform, level="urgent", **{"status": "awaiting_review", **times, **fields})


def sweep(sessions: SessionFactory, share: float = 0.5) -> int:
    with sessions.begin() as session:
        return escalate(session, now(), share)


def told(session: Session, case: Case) -> list[tuple[int, str]]:
    """The notices of a case: stage and role, in order."""
    found = select(Notice.stage, Notice.role).where(Notice.case_id == case.id).order_by(Notice.stage)
    return [(row.stage, row.role) for row in session.execute(found)]


CLINICIANS, SENIORS, ADMINISTRATORS = (1, "clinician"), (2, "senior"), (3, "administrator")


@pytest.mark.parametrize(
    ("share", "hear"),
    [
        (-0.1, []),
        (0.1, [CLINICIANS]),
        (0.49, [CLINICIANS]),
        (0.51, [CLINICIANS, SENIORS]),
        (0.99, [CLINICIANS, SENIORS]),
        (1.01, [CLINICIANS, SENIORS, ADMINISTRATORS]),
        (9, [CLINICIANS, SENIORS, ADMINISTRATORS]),
    ],
)
def test_the_later_the_more_hear_of_it(
    session: Session, sessions: SessionFactory, platform: Platform, share: float, hear: list[tuple[int, str]]
) -> None:
    case = late_by(session, platform, share)
    assert [sweep(sessions), sweep(sessions)] == [len(hear), 0]
    assert told(session, case) == hear
    events = session.scalars(select(Event.type)).all()
    assert events == (["case.overdue"] if hear else [])
    session.refresh(case)
    assert case.escalation_stage == len(hear)
    assert verify_chains(session) == []


def test_stage_follows_stage_once_each(
    session: Session, sessions: SessionFactory, platform: Platform
) -> None:
    case = late_by(session, platform, 0.1)
    found = []
    for share in (0.1, 0.2, 0.6, 0.7, 1.2, 1.5):
        case.due_at = now() - TARGET * share
        case.accepted_at = case.due_at - TARGET
        session.commit()
        found.append(sweep(sessions))
    assert found == [1, 0, 1, 0, 1, 0]
    assert told(session, case) == [CLINICIANS, SENIORS, ADMINISTRATORS]
    assert session.scalars(select(Event.type)).all() == ["case.overdue"]
    entries = select(AuditEntry.detail).where(AuditEntry.action == "case.overdue").order_by(AuditEntry.seq)
    assert session.scalars(entries).all() == [f"stage:{stage} level:urgent" for stage in (1, 2, 3)]


def test_the_share_is_a_setting(session: Session, sessions: SessionFactory, platform: Platform) -> None:
    case = late_by(session, platform, 0.3)
    assert sweep(sessions, share=0.25) == 2
    assert told(session, case) == [CLINICIANS, SENIORS]


def test_two_sweeps_at_once_tell_each_stage_once(
    session: Session, sessions: SessionFactory, platform: Platform
) -> None:
    cases = [late_by(session, platform, 1.5) for _ in range(5)]
    start = Barrier(4)

    def run() -> int:
        start.wait()
        return sweep(sessions)

    with ThreadPoolExecutor(4) as pool:
        counts = [future.result() for future in [pool.submit(run) for _ in range(4)]]
    assert sum(counts) + sweep(sessions) == 15
    assert [told(session, case) for case in cases] == [[CLINICIANS, SENIORS, ADMINISTRATORS]] * 5
    assert len(session.scalars(select(Event)).all()) == 5
    assert verify_chains(session) == []


@pytest.mark.parametrize("fields", [{"status": "completed"}, {"status": "cancelled"}, {"known": True}])
def test_nobody_hears_of_what_is_over_or_known(
    session: Session, sessions: SessionFactory, platform: Platform, fields: dict[str, Any]
) -> None:
    late_by(session, platform, 2, **fields)
    assert sweep(sessions) == 0
    assert session.scalars(select(Event)).all() == []


def test_a_case_told_of_before_the_stages_were_kept_has_no_second_event(
    session: Session, sessions: SessionFactory, platform: Platform
) -> None:
    case = late_by(session, platform, 0.1)
    session.add(Event(platform_id=platform.id, case_id=case.id, type="case.overdue", payload={}))
    session.commit()
    assert sweep(sessions) == 1
    assert len(session.scalars(select(Event)).all()) == 1


def test_a_notice_is_open_while_the_case_waits_and_ended_while_it_is_held(
    session: Session, sessions: SessionFactory, platform: Platform
) -> None:
    case = late_by(session, platform, 0.1)
    sweep(sessions)
    notice = session.scalars(select(Notice)).one()
    for status, is_open in (
        ("in_review", False), ("awaiting_review", True), ("completed", False), ("awaiting_review", True),
        ("cancelled", False),
    ):  # fmt: skip
        case.status = status
        session.flush()
        settle_notices(session, [case.id], now())
        session.refresh(notice)
        assert (notice.ended_at is None) == is_open, status


def test_a_sweep_ends_what_nobody_settled(
    session: Session, sessions: SessionFactory, platform: Platform
) -> None:
    case = late_by(session, platform, 0.1)
    sweep(sessions)
    case.status = "cancelled"
    session.commit()
    sweep(sessions)
    assert session.scalars(select(Notice.ended_at)).one() is not None


def test_a_case_that_becomes_late_in_somebodys_hands_has_no_open_notice(
    session: Session, sessions: SessionFactory, platform: Platform
) -> None:
    late_by(session, platform, 0.1, status="in_review")
    assert sweep(sessions) == 1
    assert session.scalars(select(Notice.ended_at)).one() is not None
    assert session.scalars(select(Event.type)).all() == ["case.overdue"]


def test_what_a_person_ended_stays_ended(
    session: Session, sessions: SessionFactory, platform: Platform
) -> None:
    late_by(session, platform, 0.1)
    sweep(sessions)
    notice = session.scalars(select(Notice)).one()
    notice.ended_at, notice.ended_by = now(), make_clinician(session).id
    session.commit()
    sweep(sessions)
    session.refresh(notice)
    assert notice.ended_at is not None


@pytest.mark.parametrize(("kind", "first_role"), [("second", "clinician"), ("adjudication", "senior")])
def test_late_further_readings_are_told_of_too(
    session: Session, sessions: SessionFactory, platform: Platform, kind: str, first_role: str
) -> None:
    case = late_by(session, platform, -1, status="completed")
    review = Review(case_id=case.id, clinician_id=make_clinician(session).id, decided_at=now())
    session.add(review)
    session.flush()
    due = now() - TARGET * 1.1
    further = FurtherReading(
        case_id=case.id, kind=kind, review_id=review.id, why=[], takes_effect=False, excluded=[], rank=1,
        due_at=due, created_at=due - TARGET,
    )  # fmt: skip
    session.add(further)
    session.commit()
    assert [sweep(sessions), sweep(sessions)] == [3, 0]
    assert told(session, case) == [(1, first_role), SENIORS, ADMINISTRATORS]
    assert set(session.scalars(select(Notice.subject))) == {f"further:{further.id}"}
    assert session.scalars(select(Event)).all() == []
    further.state, further.review_token = "held", new_id()
    session.commit()
    sweep(sessions)
    assert None not in session.scalars(select(Notice.ended_at)).all()

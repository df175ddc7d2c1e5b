"""A case that nobody may claim alarms the administrators until somebody may; each role sees its notices."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Clinician, Notice, Platform, PlatformGrant
from db.notices import alarm_if_unclaimable, alarm_unclaimable, end, open_notices, raise_notice
from tests.factories import make_case, make_platform


@pytest.fixture
def person(session: Session) -> Callable[..., Clinician]:
    """Adds a person who reads nothing unless told so."""

    def add(role: str = "clinician", granted: tuple[Platform, ...] = (), **fields: Any) -> Clinician:
        number = len(session.scalars(select(Clinician)).all())
        added = Clinician(
            email=f"{number}@example.org", name="Dr Reader", password_hash="none", role=role, **fields
        )
        session.add(added)
        session.flush()
        session.add_all(PlatformGrant(clinician_id=added.id, platform_id=each.id) for each in granted)
        session.commit()
        return added

    return add


def told(session: Session) -> list[str]:
    """The ends of the cases that the administrators see."""
    session.expire_all()
    return [str(notice.case_id) for notice in open_notices(session, "administrator")]


READS = [
    ({}, False),
    ({"all_platforms": True}, True),
    ({"all_platforms": True, "regions": ["FR"]}, True),
    ({"all_platforms": True, "regions": ["FR-75"]}, True),
    ({"all_platforms": True, "regions": ["FR-7", "F", "DE"]}, False),
    ({"all_platforms": True, "languages": ["de", "fr"]}, True),
    ({"all_platforms": True, "languages": ["de"]}, False),
    ({"all_platforms": True, "role": "administrator"}, False),
    ({"all_platforms": True, "role": "auditor"}, False),
    ({"all_platforms": True, "role": "senior"}, True),
    ({"all_platforms": True, "disabled_at": now()}, False),
]


@pytest.mark.parametrize(("fields", "reads"), READS)
def test_a_case_that_this_person_alone_cannot_read_is_told(
    session: Session, person: Callable[..., Clinician], fields: dict[str, Any], reads: bool
) -> None:
    case = make_case(session, make_platform(session), region="FR-75", language="fr")
    person(**fields)
    where = {"platform_id": case.platform_id, "region": case.region, "language": case.language}
    alarm_if_unclaimable(session, case.id, **where)
    assert told(session) == ([] if reads else [str(case.id)])
    assert alarm_unclaimable(session) == 0, "once each"


def test_grants_count_by_platform(session: Session, person: Callable[..., Clinician]) -> None:
    ours, theirs = make_platform(session, "ours"), make_platform(session, "theirs")
    readable, stuck = make_case(session, ours), make_case(session, theirs)
    person(granted=(ours,))
    assert alarm_unclaimable(session) == 1
    assert told(session) == [str(stuck.id)]
    assert str(readable.id) not in told(session)


def test_a_notice_ends_when_somebody_may_claim_and_comes_back_when_nobody_may(
    session: Session, person: Callable[..., Clinician]
) -> None:
    case = make_case(session, make_platform(session))
    assert alarm_unclaimable(session) == 1
    reader = person(all_platforms=True)
    assert (alarm_unclaimable(session), told(session)) == (0, [])
    reader.disabled_at = now()
    assert (alarm_unclaimable(session), told(session)) == (1, [str(case.id)])
    assert len(session.scalars(select(Notice)).all()) == 1


def test_a_notice_ends_when_its_case_is_closed(session: Session) -> None:
    case = make_case(session, make_platform(session))
    alarm_unclaimable(session)
    case.status = "cancelled"
    assert (alarm_unclaimable(session), told(session)) == (0, [])


def test_what_an_administrator_ended_is_not_told_again(
    session: Session, person: Callable[..., Clinician]
) -> None:
    make_case(session, make_platform(session))
    administrator = person("administrator")
    alarm_unclaimable(session)
    (notice,) = open_notices(session, "administrator")
    assert end(session, notice.id, administrator.id)
    assert not end(session, notice.id, administrator.id), "twice is once"
    assert (alarm_unclaimable(session), told(session)) == (0, [])


def test_of_very_many_cases_the_most_urgent_are_told_and_others_when_those_have_ended(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.notices.MOST", 2)
    platform = make_platform(session)
    levels = ("routine", "emergency", "urgent")
    routine, emergency, urgent = (make_case(session, platform, level=level) for level in levels)
    assert (alarm_unclaimable(session), alarm_unclaimable(session)) == (2, 0)
    assert set(told(session)) == {str(emergency.id), str(urgent.id)}
    emergency.status = "completed"
    assert alarm_unclaimable(session) == 1
    assert set(told(session)) == {str(urgent.id), str(routine.id)}


@pytest.mark.parametrize(
    "status", ["queued", "assessing", "awaiting_review", "failed", "needs_retake", "in_review"]
)
def test_a_case_is_told_in_every_open_state(session: Session, status: str) -> None:
    case = make_case(session, make_platform(session), status=status)
    assert alarm_unclaimable(session) == 1
    assert told(session) == [str(case.id)]


def test_closed_and_known_cases_alarm_nobody(session: Session) -> None:
    platform = make_platform(session)
    make_case(session, platform, status="completed")
    make_case(session, platform, known=True)
    assert alarm_unclaimable(session) == 0


def test_a_notice_is_raised_once_for_each_stage_and_for_its_role_only(
    session: Session, person: Callable[..., Clinician]
) -> None:
    case: Case = make_case(session, make_platform(session))
    assert raise_notice(session, "overdue", "senior", stage=1, case_id=case.id)
    assert not raise_notice(session, "overdue", "senior", stage=1, case_id=case.id)
    assert raise_notice(session, "overdue", "administrator", stage=2, case_id=case.id)
    assert raise_notice(session, "drift", "senior", subject="model-1 2026-W40")
    assert not raise_notice(session, "drift", "senior", subject="model-1 2026-W40")
    assert [notice.kind for notice in open_notices(session, "senior")] == ["overdue", "drift"]
    (notice,) = open_notices(session, "administrator")
    assert not end(session, notice.id, person("senior").id), "another role's"

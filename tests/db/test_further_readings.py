"""Second readings and adjudications as a queue: who may take which, for how long, and where it goes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.further_readings import (
    claim,
    head,
    held_by,
    held_further,
    release,
    renew,
    return_expired,
)
from db.ids import new_id, now
from db.models import AuditEntry, Case, Clinician, FurtherReading, Platform, Review
from db.readers import Reader
from tests.factories import make_case, make_platform
from tests.factories import make_further as make_committed

LEASE = timedelta(minutes=15)


def person(session: Session, role: str = "clinician") -> Reader:
    clinician = Clinician(
        email=f"{new_id()}@example.org", name="Dr Reader", password_hash="", role=role, all_platforms=True
    )
    session.add(clinician)
    session.commit()
    return Reader(clinician.id, role, None)


@pytest.fixture
def platform(session: Session) -> Platform:
    return make_platform(session)


@pytest.fixture
def first(session: Session) -> Reader:
    return person(session)


@pytest.fixture
def second(session: Session) -> Reader:
    return person(session)


def make_further(
    session: Session, platform: Platform, first: Reader, *, case: Case | None = None, **fields: Any
) -> FurtherReading:
    """A committed further reading of a case that `first` decided."""
    case = case or make_case(session, platform, status="completed", level="urgent")
    return make_committed(session, case, first.id, **fields)


def test_the_most_urgent_comes_first(
    session: Session, platform: Platform, first: Reader, second: Reader
) -> None:
    make_further(session, platform, first, rank=2)
    later = make_further(session, platform, first, rank=1, due_at=now() + timedelta(hours=2))
    sooner = make_further(session, platform, first, rank=1, due_at=now() + timedelta(hours=1))
    found = head(session, second, now())
    assert found == (sooner.id, 1, sooner.due_at)
    assert claim(session, second, sooner.id, now(), LEASE)
    assert head(session, second, now()) == (later.id, 1, later.due_at)


def test_nobody_checks_their_own_reading(session: Session, platform: Platform, first: Reader) -> None:
    further = make_further(session, platform, first)
    assert head(session, first, now()) is None
    assert claim(session, first, further.id, now(), LEASE) is None


@pytest.mark.parametrize(
    ("role", "kind", "may"),
    [
        ("clinician", "second", True),
        ("senior", "second", True),
        ("clinician", "adjudication", False),
        ("senior", "adjudication", True),
        ("administrator", "second", False),
        ("auditor", "adjudication", False),
    ],
)
def test_a_senior_adjudicates_and_readers_read(
    session: Session, platform: Platform, first: Reader, role: str, kind: str, may: bool
) -> None:
    further = make_further(session, platform, first, kind=kind)
    reader = person(session, role)
    assert (head(session, reader, now()) is not None) == may
    assert (claim(session, reader, further.id, now(), LEASE) is not None) == may


def test_what_a_reader_may_not_read_is_not_offered(
    session: Session, platform: Platform, first: Reader, second: Reader
) -> None:
    further = make_further(session, platform, first)
    for narrowed in (
        second._replace(platforms=frozenset({new_id()})),
        second._replace(regions=("DE",)),
        second._replace(languages=("fr",)),
    ):
        assert head(session, narrowed, now()) is None
        assert claim(session, narrowed, further.id, now(), LEASE) is None


@pytest.mark.parametrize(("kind", "blind"), [("second", True), ("adjudication", False)])
def test_a_claim_opens_a_review_of_its_kind_and_leaves_an_audit_entry(
    session: Session, platform: Platform, first: Reader, kind: str, blind: bool
) -> None:
    case = make_case(session, platform, status="completed", blind=True)
    further = make_further(session, platform, first, case=case, kind=kind)
    senior, at = person(session, "senior"), now()
    review_id = claim(session, senior, further.id, at, LEASE)
    assert review_id is not None
    session.commit()
    review = session.get_one(Review, review_id)
    assert (review.kind, review.clinician_id, review.blind, review.case_id) == (
        kind, senior.id, blind, case.id,
    )  # fmt: skip
    held = held_further(session, review_id, senior.id, at)
    assert held is not None
    assert (held.id, held.state, held.review_until) == (further.id, "held", at + LEASE)
    assert [row.id for row in held_by(session, senior.id, at)] == [further.id]
    assert held_further(session, review_id, first.id, at) is None
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.detail) == (f"review.{kind}.claimed", f"review:{review_id}")
    assert (entry.old_status, entry.new_status) == ("completed", "completed")
    assert verify_chains(session) == []


def test_one_of_two_gets_it(engine: Engine, session: Session, platform: Platform, first: Reader) -> None:
    people, start = [person(session), person(session)], Barrier(2)

    def race(reader: Reader, further: FurtherReading) -> bool:
        with Session(engine) as own, own.begin():
            start.wait()
            return claim(own, reader, further.id, now(), LEASE) is not None

    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            further = make_further(session, platform, first)
            assert sorted(pool.map(race, people, (further, further))) == [False, True]
    assert len(session.scalars(select(Review).where(Review.kind == "second")).all()) == 20
    assert verify_chains(session) == []


def test_given_back_it_waits_for_others(
    session: Session, platform: Platform, first: Reader, second: Reader
) -> None:
    further = make_further(session, platform, first)
    review_id = claim(session, second, further.id, now(), LEASE)
    assert review_id
    assert not release(session, review_id, first.id, now())
    assert release(session, review_id, second.id, now())
    assert not release(session, review_id, second.id, now())
    session.commit()
    assert session.get_one(Review, review_id, populate_existing=True).released_at is not None
    assert head(session, second, now()) is not None
    assert held_further(session, review_id, second.id, now()) is None
    assert verify_chains(session) == []


def test_a_lease_can_be_renewed_while_it_is_held(
    session: Session, platform: Platform, first: Reader, second: Reader
) -> None:
    further, at = make_further(session, platform, first), now()
    review_id = claim(session, second, further.id, at, LEASE)
    assert review_id
    assert renew(session, review_id, second.id, at + 2 * LEASE)
    assert held_further(session, review_id, second.id, at + LEASE) is not None
    assert not renew(session, review_id, first.id, at + 2 * LEASE)
    assert release(session, review_id, second.id, at)
    assert not renew(session, review_id, second.id, at + 2 * LEASE)


def test_what_was_held_too_long_goes_back(
    session: Session, platform: Platform, first: Reader, second: Reader
) -> None:
    further, at = make_further(session, platform, first), now()
    review_id = claim(session, second, further.id, at, LEASE)
    assert review_id
    session.commit()
    assert return_expired(session, at) == 0
    assert return_expired(session, at + LEASE) == 1
    assert return_expired(session, at + LEASE) == 0
    session.commit()
    assert session.get_one(Review, review_id, populate_existing=True).released_at == at + LEASE
    assert head(session, second, now()) == (further.id, further.rank, further.due_at)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions[1:] == ["review.second.claimed", "review.second.expired"]
    assert verify_chains(session) == []

"""Which case comes next: for whom, in which order, and so that nothing starves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import now
from db.models import Case, Clinician, KnownCase, Platform, Review
from db.next_case import EVERY
from db.session import SessionFactory
from review.claims import claim_case, claim_further, claim_most_urgent
from tests.factories import make_case, make_platform
from tests.review.conftest import LEASE, ApiClient
from tests.review.queueing import add_further, add_person
from web.problem import Problem

Waiting = Callable[..., Case]
Claim = Callable[[], UUID | None]


@pytest.fixture
def claim(sessions: SessionFactory, reader: Clinician, session: Session) -> Claim:
    """Claims the most urgent for the first reader; the id of its case."""

    def next_case() -> UUID | None:
        review_id = claim_most_urgent(sessions, reader.id, LEASE)
        return session.scalar(select(Review.case_id).where(Review.id == review_id)) if review_id else None

    return next_case


def late(hours: float) -> dict[str, object]:
    """Fields of a case that is late by so much."""
    return {"accepted_at": now() - timedelta(hours=hours + 24), "due_at": now() - timedelta(hours=hours)}


def test_every_fifth_claim_goes_to_what_is_late_the_longest(claim: Claim, waiting: Waiting) -> None:
    longest, other = waiting("nev", "self_care", **late(9)), waiting("nev", "routine", **late(3))
    urgent = [waiting() for _ in range(12)]
    claimed = [claim() for _ in range(10)]
    assert claimed[EVERY - 1] == longest.id
    assert claimed[2 * EVERY - 1] == other.id
    rest = [case_id for case_id in claimed if case_id not in (longest.id, other.id)]
    assert rest == [case.id for case in urgent[:8]]


def test_what_is_late_is_reached_though_more_urgent_cases_never_end(claim: Claim, waiting: Waiting) -> None:
    """The bound of the rule: with k cases due before it, a case is claimed within 5 (k + 1) claims."""
    ahead = [waiting("nev", "routine", **late(hours)) for hours in (8, 7)]
    starving = waiting("nev", "self_care", **late(6))
    claimed = []
    for _ in range(EVERY * (len(ahead) + 1)):
        waiting(), waiting()
        claimed.append(claim())
    assert starving.id in claimed


def test_the_turn_of_the_late_waits_while_an_emergency_does(claim: Claim, waiting: Waiting) -> None:
    starving = waiting("nev", "routine", **late(3))
    emergencies = [waiting("mpox", "emergency") for _ in range(EVERY + 2)]
    urgent = waiting()
    claimed = [claim() for _ in range(EVERY + 4)]
    assert claimed == [*(case.id for case in emergencies), starving.id, urgent.id]


def test_without_lateness_the_order_is_that_of_the_levels(claim: Claim, waiting: Waiting) -> None:
    cases = [waiting("nev", level) for level in ("self_care", "routine", "priority", "urgent", "emergency")]
    again = [waiting("nev", "priority") for _ in range(3)]
    claimed = [claim() for _ in range(8)]
    expected = [cases[4], cases[3], cases[2], *again, cases[1], cases[0]]
    assert claimed == [case.id for case in expected]


def test_a_known_case_is_never_before_a_real_one_of_priority_or_above(
    claim: Claim, waiting: Waiting, session: Session
) -> None:
    known = waiting("mpox", "emergency", known=True, rank=3, **late(48))
    real = [waiting("nev", "priority") for _ in range(EVERY + 1)]
    claimed = [claim() for _ in range(EVERY + 2)]
    assert claimed == [*(case.id for case in real), known.id]
    kinds = session.scalars(select(Review.kind).order_by(Review.claimed_at)).all()
    assert kinds == ["first"] * (EVERY + 1) + ["known"]


def test_nobody_is_offered_the_copy_of_a_case_that_they_read(
    claim: Claim, waiting: Waiting, session: Session, reader: Clinician, sessions: SessionFactory
) -> None:
    source, copy = waiting(status="completed"), waiting("mpox", "routine", known=True)
    session.add(Review(case_id=source.id, clinician_id=reader.id, decided_at=now()))
    session.add(KnownCase(case_id=copy.id, source_case_id=source.id, level="routine", seeded_by=reader.id))
    session.commit()
    assert claim() is None
    assert claim_most_urgent(sessions, add_person(session).id, LEASE)


def test_a_case_that_awaits_its_second_reading_is_passed_over(
    api: ApiClient, claim: Claim, waiting: Waiting
) -> None:
    lowered = waiting("mpox", "emergency", awaits_reading=True)
    other = waiting()
    assert [claim(), claim()] == [other.id, None]
    answer = api.post("/v1/reviews/claim", {"case_id": str(lowered.id)})
    assert (answer.status_code, answer.json["detail"]) == (409, "This case waits for its second reading.")


def test_a_case_without_an_ai_result_stands_among_the_others_by_its_level(
    claim: Claim, waiting: Waiting, session: Session, platform: Platform
) -> None:
    routine = waiting("nev", "routine")
    ready = make_case(session, platform, level="urgent", review_from=now() - timedelta(seconds=1))
    make_case(session, platform, level="urgent", review_from=now() + timedelta(hours=1))
    assert [claim(), claim(), claim()] == [ready.id, routine.id, None]


def test_further_readings_stand_among_the_cases_by_rank_and_due_time(
    claim: Claim, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    urgent = waiting()
    decided = waiting("mpox", "emergency", status="completed")
    add_further(session, decided, other_reader)
    later = waiting("mpox", "routine", status="completed")
    add_further(session, later, other_reader, due_at=now() + timedelta(days=2))
    routine = waiting("nev", "routine", due_at=now() + timedelta(days=1))
    assert [claim() for _ in range(5)] == [decided.id, urgent.id, routine.id, later.id, None]
    kinds = session.scalars(select(Review.kind).where(Review.verdict.is_(None)).order_by(Review.claimed_at))
    assert kinds.all() == ["second", "first", "first", "second"]


def test_a_late_further_reading_takes_the_turn_of_the_late(
    claim: Claim, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    for _ in range(EVERY + 1):
        waiting()
    waiting("nev", "routine", **late(2))
    decided = waiting("nev", "self_care", status="completed", **late(5))
    add_further(session, decided, other_reader)
    assert [claim() for _ in range(EVERY)][-1] == decided.id


def test_one_second_reading_is_never_in_two_hands(
    sessions: SessionFactory, session: Session, waiting: Waiting, reader: Clinician, other_reader: Clinician
) -> None:
    first, start = add_person(session), Barrier(2)
    decided = waiting(status="completed")

    def race(clinician_id: UUID, further_id: UUID) -> UUID | None:
        start.wait()
        try:
            return claim_further(sessions, clinician_id, LEASE, further_id)
        except Problem as refused:
            return None if refused.status == 409 else further_id

    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            further = add_further(session, decided, first)
            won = list(pool.map(race, (reader.id, other_reader.id), (further.id, further.id)))
            assert len([review_id for review_id in won if review_id]) == 1, f"round {number}"
    assert verify_chains(session) == []


def test_two_people_who_claim_cases_of_different_levels_at_once_both_get_one(
    sessions: SessionFactory, waiting: Waiting, reader: Clinician, other_reader: Clinician, session: Session
) -> None:
    start = Barrier(2)

    def race(clinician_id: UUID) -> UUID | None:
        start.wait()
        return claim_most_urgent(sessions, clinician_id, LEASE)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            pair = {waiting("mpox", "emergency").id, waiting("nev", "routine").id}
            reviews = list(pool.map(race, (reader.id, other_reader.id)))
            assert set(session.scalars(select(Review.case_id).where(Review.id.in_(reviews)))) == pair


def test_a_case_that_is_locked_for_a_moment_is_waited_for(
    sessions: SessionFactory, waiting: Waiting, reader: Clinician, session: Session
) -> None:
    """A sweep may lock a case and not take it: who claims then must not hear that no case waits."""
    case = waiting()
    with sessions() as sweep, ThreadPoolExecutor(1) as pool:
        sweep.execute(text("SELECT id FROM cases FOR UPDATE"))
        claimed = pool.submit(claim_most_urgent, sessions, reader.id, LEASE)
        with pytest.raises(TimeoutError):
            claimed.result(0.5)
        sweep.rollback()
        assert claimed.result(20)
    session.refresh(case)
    assert case.status == "in_review"


@pytest.mark.parametrize(
    "limits",
    [
        {"granted": ()},
        {"regions": ["DE"]},
        {"regions": ["FR-7"]},
        {"languages": ["fr"]},
    ],
)
def test_what_a_reader_may_not_read_is_not_offered_and_does_not_exist(
    sessions: SessionFactory, session: Session, waiting: Waiting, limits: dict[str, object]
) -> None:
    person, case = add_person(session, **limits), waiting()  # type: ignore[arg-type]
    assert claim_most_urgent(sessions, person.id, LEASE) is None
    with pytest.raises(Problem) as refused:
        claim_case(sessions, person.id, LEASE, case.id)
    assert refused.value.status == 404
    further = add_further(session, waiting(status="completed"), add_person(session))
    assert claim_most_urgent(sessions, person.id, LEASE) is None
    with pytest.raises(Problem) as refused:
        claim_further(sessions, person.id, LEASE, further.id)
    assert refused.value.status == 404


@pytest.mark.parametrize(
    "limits", [{"regions": ["FR"]}, {"regions": ["DE", "FR-75"]}, {"languages": ["fr", "en"]}]
)
def test_what_a_licence_covers_is_offered(
    sessions: SessionFactory, session: Session, waiting: Waiting, limits: dict[str, list[str]]
) -> None:
    waiting()
    assert claim_most_urgent(sessions, add_person(session, **limits).id, LEASE)


def test_only_the_granted_platforms_are_offered(
    sessions: SessionFactory, session: Session, waiting: Waiting
) -> None:
    other = make_platform(session, "elsewhere")
    waiting("mpox", "emergency")
    theirs = make_case(session, other, status="awaiting_review")
    person = add_person(session, granted=(other,))
    review_id = claim_most_urgent(sessions, person.id, LEASE)
    assert session.scalars(select(Review.case_id).where(Review.id == review_id)).one() == theirs.id


def test_a_second_reading_is_claimed_and_held_longer_by_its_case_too(
    api: ApiClient, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    further = add_further(session, waiting(status="completed"), other_reader)
    claimed = api.claim(further.case_id)
    session.refresh(further)
    assert (further.state, str(further.review_token)) == ("held", claimed["id"])
    further.review_until = now() + timedelta(seconds=20)
    session.commit()
    assert api.claim(further.case_id)["id"] == claimed["id"]
    session.refresh(further)
    assert further.review_until is not None
    assert further.review_until > now() + LEASE - timedelta(seconds=20)

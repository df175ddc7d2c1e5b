"""Who gets which case, for how long, and where it goes when they give it back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import new_id, now
from db.models import AuditEntry, Case, Clinician, ModelControl, Platform, Review
from db.session import SessionFactory
from review.claims import claim_case, claim_most_urgent
from tests.factories import make_case
from tests.review.conftest import LEASE, ApiClient
from web.problem import Problem

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]


def test_the_most_urgent_comes_first_then_the_earliest_due(api: ApiClient, waiting: Waiting) -> None:
    later = waiting("nev", "routine", due_at=now() + timedelta(days=2))
    urgent = waiting("mpox", "urgent", due_at=now() + timedelta(hours=3))
    sooner = waiting("nev", "routine", due_at=now() + timedelta(days=1))
    emergency = waiting("measles", "emergency", due_at=now() + timedelta(days=9))
    claimed = [api.claim()["case_id"] for _ in range(4)]
    assert claimed == [str(case.id) for case in (emergency, urgent, sooner, later)]


def test_nothing_to_claim_is_no_content(api: ApiClient) -> None:
    answer = api.post("/v1/reviews/claim")
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_claim_holds_the_case_opens_a_review_and_leaves_an_audit_entry(
    api: ApiClient, reader: Clinician, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting()
    body = api.claim()
    held = stored(case.id)
    assert (held.status, held.reviewer_id, str(held.review_token)) == ("in_review", reader.id, body["id"])
    assert held.review_until is not None
    assert abs(held.review_until - now() - LEASE) < timedelta(seconds=20)

    review = session.scalars(select(Review)).one()
    assert (str(review.id), review.case_id, review.clinician_id) == (body["id"], case.id, reader.id)
    assert (review.verdict, review.decided_at, review.released_at) == (None, None, None)
    seen, entry, *_ = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()))
    assert (entry.actor, entry.action) == (f"clinician:{reader.id}", "review.claimed")
    assert (seen.actor, seen.action) == (f"clinician:{reader.id}", "review.seen")
    assert (entry.old_status, entry.new_status) == ("awaiting_review", "in_review")
    assert verify_chains(session) == []


@pytest.mark.parametrize("status", ["awaiting_review", "failed", "needs_retake"])
def test_what_waits_for_people_can_be_claimed(api: ApiClient, waiting: Waiting, status: str) -> None:
    case = waiting(status=status)
    assert api.claim()["case_id"] == str(case.id)


@pytest.mark.parametrize("status", ["completed", "cancelled", "in_review", "queued", "assessing"])
def test_nothing_else_can_be_claimed(api: ApiClient, waiting: Waiting, status: str) -> None:
    case = waiting(status=status, review_until=now() + LEASE if status == "in_review" else None)
    assert api.post("/v1/reviews/claim").status_code == 204
    answer = api.post("/v1/reviews/claim", {"case_id": str(case.id)})
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")


@pytest.mark.parametrize("status", ["queued", "assessing"])
def test_review_does_not_wait_for_the_model_beyond_its_time(
    api: ApiClient, session: Session, platform: Platform, status: str
) -> None:
    case = make_case(session, platform, status=status, review_from=now() - timedelta(seconds=1))
    body = api.claim()
    assert body["case_id"] == str(case.id)
    assert body["case"]["ai_result"] is None


def test_while_the_model_is_paused_nothing_waits_for_it(
    api: ApiClient, session: Session, platform: Platform
) -> None:
    case = make_case(session, platform)
    assert api.post("/v1/reviews/claim").status_code == 204
    session.get_one(ModelControl, 1).paused = True
    session.commit()
    assert api.claim()["case_id"] == str(case.id)


def test_a_certain_case_can_be_claimed_and_is_refused_to_the_next(
    api: ApiClient, other_api: ApiClient, waiting: Waiting
) -> None:
    waiting("mpox", "emergency")
    wanted = waiting("nev", "routine")
    assert api.claim(wanted.id)["case_id"] == str(wanted.id)
    answer = other_api.post("/v1/reviews/claim", {"case_id": str(wanted.id)})
    assert answer.status_code == 409
    assert "Another clinician holds this case" in answer.json["detail"]


def test_a_case_that_does_not_exist_is_not_found(api: ApiClient) -> None:
    assert api.post("/v1/reviews/claim", {"case_id": str(new_id())}).status_code == 404


def test_claiming_a_held_case_again_holds_it_longer(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting()
    first = api.claim()
    mine = session.get_one(Case, case.id, populate_existing=True)
    mine.review_until = now() + timedelta(seconds=30)
    session.commit()
    again = api.claim(case.id)
    assert again["id"] == first["id"]
    until = stored(case.id).review_until
    assert until is not None
    assert until > now() + LEASE - timedelta(seconds=20)
    assert len(session.scalars(select(Review)).all()) == 1


def test_two_clinicians_never_hold_one_case(
    sessions: SessionFactory, reader: Clinician, other_reader: Clinician, waiting: Waiting, session: Session
) -> None:
    """200 rounds: one case waits, two people claim it in the same moment; exactly one gets it."""
    start = Barrier(2)

    def race(clinician_id: UUID, case_id: UUID | None) -> UUID | None:
        start.wait()
        try:
            if case_id is not None:
                return claim_case(sessions, clinician_id, LEASE, case_id)
            return claim_most_urgent(sessions, clinician_id, LEASE)
        except Problem as refused:
            if refused.status != 409:
                raise
            return None

    with ThreadPoolExecutor(2) as pool:
        for number in range(200):
            case = waiting()
            case_id = case.id if number % 2 else None
            won = list(pool.map(race, (reader.id, other_reader.id), (case_id, case_id)))
            assert len([review_id for review_id in won if review_id]) == 1, f"round {number}"
            session.refresh(case)
            assert case.review_token in won
    assert len(session.scalars(select(Review)).all()) == 200
    assert verify_chains(session) == []


def test_two_clinicians_who_claim_at_once_get_different_cases(
    sessions: SessionFactory, reader: Clinician, other_reader: Clinician, waiting: Waiting, session: Session
) -> None:
    start = Barrier(2)

    def race(clinician_id: UUID) -> UUID | None:
        start.wait()
        return claim_most_urgent(sessions, clinician_id, LEASE)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(30):
            pair = {waiting().id, waiting().id}
            reviews = list(pool.map(race, (reader.id, other_reader.id)))
            held = session.scalars(select(Review.case_id).where(Review.id.in_(reviews))).all()
            assert set(held) == pair


def test_a_case_whose_lease_ended_can_be_claimed_by_another(
    api: ApiClient,
    other_api: ApiClient,
    waiting: Waiting,
    end_lease: Callable[[UUID], None],
    session: Session,
) -> None:
    case = waiting()
    first = api.claim()
    assert other_api.post("/v1/reviews/claim").status_code == 204
    end_lease(case.id)
    second = other_api.claim()
    assert second["case_id"] == str(case.id)
    assert second["id"] != first["id"]
    left = api.get(f"/v1/reviews/{first['id']}").json
    assert (left["state"], left["case"]) == ("released", None)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    taken, seen = "review.claimed", "review.seen"
    assert actions[1:] == [taken, seen, "review.expired", taken, seen]
    assert verify_chains(session) == []


@pytest.mark.parametrize(
    ("status", "assess_state", "goes_to"),
    [
        ("awaiting_review", "done", "awaiting_review"),
        ("failed", "failed", "failed"),
        ("needs_retake", "none", "needs_retake"),
        ("needs_retake", "done", "needs_retake"),
        ("queued", "waiting", "queued"),
        ("assessing", "leased", "assessing"),
    ],
)
def test_a_released_case_goes_back_to_where_it_came_from(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session,
    status: str, assess_state: str, goes_to: str,
) -> None:  # fmt: skip
    case = waiting(status=status, assess_state=assess_state, review_from=now())
    body = api.claim()
    answer = api.post(f"/v1/reviews/{body['id']}/release")
    assert (answer.status_code, answer.data) == (204, b"")
    back = stored(case.id)
    assert (back.status, back.reviewer_id, back.review_token, back.review_until) == (
        goes_to,
        None,
        None,
        None,
    )
    review = session.scalars(select(Review)).one()
    assert review.released_at is not None
    assert review.decided_at is None
    assert verify_chains(session) == []


def test_a_result_that_came_meanwhile_is_there_after_release(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting(status="queued", assess_state="waiting", review_from=now())
    body = api.claim()
    session.get_one(Case, case.id, populate_existing=True).assess_state = "done"
    session.commit()
    api.post(f"/v1/reviews/{body['id']}/release")
    assert stored(case.id).status == "awaiting_review"


def test_a_case_cannot_be_released_twice(api: ApiClient, waiting: Waiting) -> None:
    waiting()
    address = f"/v1/reviews/{api.claim()['id']}/release"
    assert api.post(address).status_code == 204
    assert api.post(address).status_code == 409


@pytest.mark.parametrize("action", ["", "/images/0", "/release", "/decision"])
def test_another_clinicians_review_is_not_found(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, stored: Stored, action: str
) -> None:
    case = waiting()
    address = f"/v1/reviews/{api.claim()['id']}{action}"
    is_read = action in ("", "/images/0")
    answer = other_api.get(address) if is_read else other_api.post(address, {"verdict": "confirm"})
    assert answer.status_code == 404
    assert stored(case.id).status == "in_review"

"""Keeping a claimed case, passing it over, handing it to a colleague; and what else happens to a lease."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import new_id, now
from db.models import AuditEntry, Case, Clinician, FurtherReading, Review, Skip
from db.session import SessionFactory
from review import keeping
from review.claims import claim_most_urgent, give_back_expired
from tests.factories import make_platform
from tests.review.conftest import LEASE, ApiClient, token_for
from tests.review.queueing import Window, add_further, add_person
from web.problem import Problem

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]
LONGEST = timedelta(hours=2)


@pytest.fixture
def window(app: Flask, session: Session, reader: Clinician) -> Window:
    return Window(app.test_client(), session, reader)


def ends_soon(session: Session, case_id: UUID) -> None:
    case = session.get_one(Case, case_id, populate_existing=True)
    case.review_until = now() + timedelta(seconds=20)
    session.commit()


def test_a_heart_beat_holds_the_case_longer_and_says_until_when(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting()
    review_id = api.claim()["id"]
    ends_soon(session, case.id)
    answer = api.post(f"/v1/reviews/{review_id}/heartbeat")
    assert answer.status_code == 200
    until = stored(case.id).review_until
    assert until is not None
    assert answer.json["held_until"] == until.isoformat().replace("+00:00", "Z")
    assert until > now() + LEASE - timedelta(seconds=20)


def test_a_heart_beat_tells_that_the_case_is_lost(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, end_lease: Callable[[UUID], None]
) -> None:
    case = waiting()
    review_id = api.claim()["id"]
    assert other_api.post(f"/v1/reviews/{review_id}/heartbeat").status_code == 404
    end_lease(case.id)
    assert api.post(f"/v1/reviews/{review_id}/heartbeat").status_code == 409
    other_api.claim()
    assert api.post(f"/v1/reviews/{review_id}/heartbeat").status_code == 409


def test_a_page_left_open_holds_a_case_for_so_long_and_no_longer(
    api: ApiClient, waiting: Waiting, session: Session, sessions: SessionFactory, reader: Clinician
) -> None:
    case = waiting()
    review_id = UUID(api.claim()["id"])
    ends_soon(session, case.id)
    review = session.get_one(Review, review_id)
    review.claimed_at = now() - LONGEST + timedelta(minutes=1)
    session.commit()
    until = keeping.renew(sessions, reader.id, review_id, LEASE, LONGEST)
    assert until == review.claimed_at + LONGEST


def test_who_may_read_the_case_no_longer_cannot_keep_it(
    api: ApiClient, waiting: Waiting, session: Session, reader: Clinician
) -> None:
    waiting()
    review_id = api.claim()["id"]
    session.get_one(Clinician, reader.id).all_platforms = False
    session.commit()
    assert api.post(f"/v1/reviews/{review_id}/heartbeat").status_code == 404


def test_the_heart_beat_of_the_page_answers_its_script(window: Window, waiting: Waiting) -> None:
    waiting()
    window.open()
    page = window.send("/review/claim")
    address = page.request.path + "/heartbeat"
    assert "held_until" in window.client.post(address, headers=csrf(window)).json
    window.send(page.request.path + "/release")
    assert window.client.post(address, headers=csrf(window)).status_code == 409


def csrf(window: Window) -> dict[str, str]:
    """The header that htmx sends, with the token of a page."""
    window.open()
    return {"X-CSRFToken": window.text.split('name="csrf_token" value="')[1].split('"')[0]}


def test_a_skipped_case_goes_back_and_is_offered_to_others_but_not_to_who_skipped_it(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, session: Session, reader: Clinician
) -> None:
    case, other = waiting("mpox", "emergency"), waiting()
    review_id = api.claim()["id"]
    answer = api.post(f"/v1/reviews/{review_id}/skip", {"reason": "I know the family"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert api.claim()["case_id"] == str(other.id)
    assert other_api.claim()["case_id"] == str(case.id)

    skip = session.scalars(select(Skip)).one()
    assert (skip.clinician_id, skip.case_id, skip.reason) == (reader.id, case.id, "I know the family")
    assert abs(skip.until - now() - timedelta(minutes=60)) < timedelta(seconds=30)
    review = session.get_one(Review, UUID(review_id))
    assert (review.release_reason, review.decided_at) == ("I know the family", None)
    assert review.released_at is not None
    trail = session.scalars(select(AuditEntry).where(AuditEntry.action == "review.skipped")).one()
    assert trail.detail == f"review:{review_id}"
    assert verify_chains(session) == []


def test_a_skipped_case_is_offered_again_when_nothing_else_waits(api: ApiClient, waiting: Waiting) -> None:
    case = waiting()
    api.post(f"/v1/reviews/{api.claim()['id']}/skip", {"reason": "later"})
    assert api.claim()["case_id"] == str(case.id)


def test_a_skipped_case_is_offered_as_any_other_when_its_time_has_passed(
    api: ApiClient, waiting: Waiting, session: Session
) -> None:
    case = waiting("mpox", "emergency")
    waiting()
    api.post(f"/v1/reviews/{api.claim()['id']}/skip", {"reason": "later"})
    session.scalars(select(Skip)).one().until = now()
    session.commit()
    assert api.claim()["case_id"] == str(case.id)


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}])
def test_a_skip_needs_a_reason(
    api: ApiClient, waiting: Waiting, stored: Stored, body: dict[str, str]
) -> None:
    case = waiting()
    answer = api.post(f"/v1/reviews/{api.claim()['id']}/skip", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "reason")
    assert stored(case.id).status == "in_review"


def test_the_page_skips_with_a_reason_only(window: Window, waiting: Waiting, stored: Stored) -> None:
    case = waiting()
    window.open()
    address = window.send("/review/claim").request.path
    assert "Say in a few words why" in window.send(f"{address}/skip", reason=" ").text
    assert stored(case.id).status == "in_review"
    assert "others may take it" in window.send(f"{address}/skip", reason="I know the patient").text
    assert stored(case.id).status == "awaiting_review"


def test_a_skipped_second_reading_goes_back_too(
    api: ApiClient, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    first = add_further(session, waiting(status="completed"), other_reader, rank=0)
    second = add_further(session, waiting(status="completed"), other_reader, rank=1)
    review_id = api.claim()["id"]
    assert api.post(f"/v1/reviews/{review_id}/skip", {"reason": "later"}).status_code == 204
    session.refresh(first)
    assert first.state == "waiting"
    assert api.claim()["case_id"] == str(second.case_id)


def test_a_case_is_handed_over_with_a_fresh_lease(
    api: ApiClient, other_api: ApiClient, other_reader: Clinician, waiting: Waiting, stored: Stored,
    session: Session,
) -> None:  # fmt: skip
    case = waiting(blind=True)
    old = api.claim()["id"]
    ends_soon(session, case.id)
    listed = api.get(f"/v1/reviews/{old}/colleagues").json["colleagues"]
    assert listed == [{"id": str(other_reader.id), "name": "Dr Reader"}]
    answer = api.post(f"/v1/reviews/{old}/hand-over", {"to": str(other_reader.id)})
    assert answer.status_code == 200
    new = answer.json["review_id"]

    held = stored(case.id)
    assert (held.status, held.reviewer_id, str(held.review_token)) == ("in_review", other_reader.id, new)
    assert held.review_until is not None
    assert held.review_until > now() + LEASE - timedelta(seconds=20)
    gone, taken = session.get_one(Review, UUID(old)), session.get_one(Review, UUID(new))
    assert (gone.handed_to, gone.release_reason) == (other_reader.id, "handed over")
    assert gone.released_at is not None
    assert (taken.clinician_id, taken.kind, taken.blind, taken.revealed_at) == (
        other_reader.id, "first", True, None,
    )  # fmt: skip
    assert other_api.get(f"/v1/reviews/{new}").json["state"] == "held"
    assert api.post(f"/v1/reviews/{old}/heartbeat").status_code == 409
    trail = session.scalars(select(AuditEntry).where(AuditEntry.action == "review.handed_over")).one()
    assert trail.detail == f"review:{old} to:{other_reader.id} review:{new}"
    assert verify_chains(session) == []


def test_nobody_takes_over_who_may_not_read_the_case(
    api: ApiClient, waiting: Waiting, session: Session, stored: Stored, reader: Clinician
) -> None:
    case = waiting()
    refused = [
        add_person(session, granted=(make_platform(session, "elsewhere"),)),
        add_person(session, regions=["DE"]),
        add_person(session, languages=["fr"]),
        add_person(session, role="administrator"),
        add_person(session, role="auditor"),
        add_person(session, disabled_at=now()),
    ]
    review_id = api.claim()["id"]
    assert api.get(f"/v1/reviews/{review_id}/colleagues").json == {"colleagues": []}
    for person_id in (*(person.id for person in refused), reader.id, new_id()):
        answer = api.post(f"/v1/reviews/{review_id}/hand-over", {"to": str(person_id)})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "to")
    assert stored(case.id).reviewer_id == reader.id


def test_a_second_reading_is_not_handed_to_who_read_before(
    api: ApiClient, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    colleague = add_person(session, "Dr Third")
    further = add_further(session, waiting(status="completed"), other_reader)
    review_id = api.claim()["id"]
    listed = api.get(f"/v1/reviews/{review_id}/colleagues").json["colleagues"]
    assert [person["name"] for person in listed] == ["Dr Third"]
    address = f"/v1/reviews/{review_id}/hand-over"
    assert api.post(address, {"to": str(other_reader.id)}).status_code == 422
    answer = api.post(address, {"to": str(colleague.id)})
    session.refresh(further)
    assert (further.reviewer_id, str(further.review_token)) == (colleague.id, answer.json["review_id"])
    assert further.state == "held"
    assert verify_chains(session) == []


def test_an_adjudication_is_handed_to_seniors_only(
    app: Flask, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    senior = add_person(session, "Dr Senior", role="senior")
    add_person(session, "Dr Clinician")
    other = add_person(session, "Dr Other Senior", role="senior")
    add_further(session, waiting(status="completed"), other_reader, kind="adjudication")
    api = ApiClient(app.test_client(), token_for(session, senior))
    listed = api.get(f"/v1/reviews/{api.claim()['id']}/colleagues").json["colleagues"]
    assert listed == [{"id": str(other.id), "name": "Dr Other Senior"}]


def test_the_page_offers_colleagues_and_the_other_finds_the_case(
    app: Flask, window: Window, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    waiting()
    window.open()
    address = window.send("/review/claim").request.path + "/hand-over"
    assert "Dr Reader</option>" in window.open(address)
    assert "Choose one of the people listed" in window.send(address, to=str(new_id())).text
    window.open(address)
    assert "Handed over" in window.send(address, to=str(other_reader.id)).text
    assert "You hold" not in window.open()
    theirs = Window(app.test_client(), session, other_reader)
    assert "You hold" in theirs.open()


def test_an_expired_second_reading_goes_back(
    api: ApiClient, waiting: Waiting, session: Session, other_reader: Clinician, sessions: SessionFactory
) -> None:
    further = add_further(session, waiting(status="completed"), other_reader)
    review_id = UUID(api.claim()["id"])
    session.refresh(further)
    further.review_until = now() - timedelta(seconds=1)
    session.commit()
    give_back_expired(sessions)
    session.refresh(further)
    assert (further.state, further.reviewer_id) == ("waiting", None)
    assert session.get_one(Review, review_id, populate_existing=True).released_at is not None


def test_a_released_second_reading_can_be_claimed_by_others(
    api: ApiClient, sessions: SessionFactory, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    further = add_further(session, waiting(status="completed"), other_reader)
    assert api.post(f"/v1/reviews/{api.claim()['id']}/release").status_code == 204
    taken = claim_most_urgent(sessions, add_person(session).id, LEASE)
    found = session.scalars(select(FurtherReading.review_token).where(FurtherReading.id == further.id)).one()
    assert found == taken


def test_what_is_held_no_longer_cannot_be_passed_on(
    sessions: SessionFactory, api: ApiClient, waiting: Waiting, session: Session, reader: Clinician
) -> None:
    waiting()
    review_id = UUID(api.claim()["id"])
    colleague = add_person(session)
    keeping.release(sessions, reader.id, review_id)
    for action in (
        lambda: keeping.skip(sessions, reader.id, review_id, "later", LEASE),
        lambda: keeping.hand_over(sessions, reader.id, review_id, colleague.id, LEASE),
    ):
        with pytest.raises(Problem) as refused:
            action()
        assert refused.value.status == 409
    assert session.scalars(select(Skip)).all() == []

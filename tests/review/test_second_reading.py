"""Second readings: who is asked, what waits for them, and what agreeing and differing do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import now
from db.models import AuditEntry, Case, Clinician, Event, FurtherReading, Review
from db.readers import reader_of
from review.shown_case import before_decisions
from tests.review.conftest import ApiClient

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]
Take = Callable[[ApiClient, UUID], str]

ROUTINE = {"verdict": "override", "level": "routine", "diagnosis": "eczema", "reason": "Eczema."}
MPOX = {"verdict": "override", "level": "urgent", "diagnosis": "mpox", "reason": "Vesicles."}


@pytest.fixture
def second_rules() -> dict[str, Any]:
    return {"emergency_downgraded": True, "diagnoses": ["mpox"], "low_agreement_steps": 2}


def decided(api: ApiClient, body: dict[str, Any]) -> dict[str, Any]:
    """The most urgent case claimed and decided so."""
    answer = api.decide(api.claim()["id"], **body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def further_of(session: Session, kind: str = "second") -> FurtherReading:
    query = select(FurtherReading).where(FurtherReading.kind == kind)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def events(session: Session) -> list[tuple[str, str]]:
    found = session.scalars(select(Event).order_by(Event.available_at, Event.id))
    return [(event.type, event.payload["level"]) for event in found]


@pytest.mark.parametrize(
    ("condition", "level", "body", "why", "waits"),
    [
        ("nev", "emergency", ROUTINE, ["emergency_downgraded", "low_agreement"], True),
        ("nev", "urgent", ROUTINE, ["low_agreement"], True),
        ("mpox", "urgent", {"verdict": "confirm"}, ["suspected"], False),
        ("nev", "routine", {**ROUTINE, "level": "emergency"}, ["low_agreement"], False),
        ("nev", "routine", {"verdict": "confirm", "second_reading": True}, ["requested"], False),
        ("nev", "urgent", {**ROUTINE, "level": "priority", "second_reading": True}, ["requested"], True),
        ("nev", "urgent", {**ROUTINE, "level": "priority"}, None, False),
        ("nev", "routine", {"verdict": "confirm"}, None, False),
    ],
)
def test_who_lowers_waits_where_a_second_reading_is_asked_for_and_who_keeps_or_raises_does_not(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session,
    condition: str, level: str, body: dict[str, Any], why: list[str] | None, waits: bool,
) -> None:  # fmt: skip
    case = waiting(condition, level)
    answer = decided(api, body)
    found = stored(case.id)
    assert (found.status, found.awaits_reading) == (
        ("awaiting_review", True) if waits else ("completed", False)
    )
    assert found.level == (level if waits else answer["level"])
    assert (answer["final_at"] is None) == waits
    assert ("case.completed" in dict(events(session))) != waits
    asked = session.scalars(select(FurtherReading)).first()
    assert (asked.why if asked else None) == why
    if asked:
        assert (asked.kind, asked.takes_effect, asked.rank) == ("second", waits, found.rank)
        assert (asked.state, str(asked.review_id)) == ("waiting", answer["id"])
    assert verify_chains(session) == []


def test_what_waits_is_not_offered_to_first_readers(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    waiting("nev", "emergency")
    decided(api, ROUTINE)
    further = further_of(session)
    assert further.excluded != [other_reader.id]
    assert further.due_at - now() < timedelta(minutes=15)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "review.second_reading")).one()
    assert entry.detail == f"review:{further.review_id} why:emergency_downgraded,low_agreement"


def test_the_second_reader_sees_the_case_as_before_the_first_decision(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session
) -> None:
    case = waiting("mpox", "routine")
    decided(api, {**MPOX, "level": "emergency"})
    assert stored(case.id).level == "emergency"
    body = other_api.get(f"/v1/reviews/{take(other_api, case.id)}").json
    assert (body["state"], body["kind"], body["others"]) == ("held", "second", [])
    assert (body["case"]["level"], body["case"]["reasons"]) == ("routine", case.reasons)
    assert "Vesicles" not in str(body)
    assert "emergency" not in str(body["case"])
    assert before_decisions(session, stored(case.id))["level"] == "routine"


def test_a_second_reader_reads_blind_where_the_case_is_blind(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take
) -> None:
    case = waiting("mpox", "urgent", blind=True, provisional_level="priority")
    review_id = api.claim()["id"]
    own = {"blind_level": "urgent", "blind_diagnosis": "mpox"}
    api.post(f"/v1/reviews/{review_id}/reveal", own)
    assert api.decide(review_id, verdict="confirm").status_code == 200
    second = take(other_api, case.id)
    body = other_api.get(f"/v1/reviews/{second}").json
    assert (body["blind"], body["case"]["ai_result"], body["case"]["level"]) == (True, None, "priority")
    assert other_api.decide(second, verdict="confirm").status_code == 409
    assert other_api.post(f"/v1/reviews/{second}/reveal", own).json["blind"] is False
    assert other_api.decide(second, verdict="confirm").status_code == 200


def test_where_two_agree_the_lowered_level_takes_effect(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "emergency")
    first = decided(api, ROUTINE)
    second = take(other_api, case.id)
    at = now()
    body = other_api.decide(second, **{**ROUTINE, "reason": "I see no more."}).json
    done = stored(case.id)
    assert (done.status, done.level, done.rank, done.awaits_reading) == ("completed", "routine", 3, False)
    assert done.completed_at is not None
    assert done.completed_at > at
    assert done.final_at == done.completed_at + timedelta(seconds=60)
    assert done.counted == [{"condition": "nev", "status": "ruled_out"}]
    reviews = {str(review.id): review for review in session.scalars(select(Review))}
    assert reviews[first["id"]].final_at == done.final_at
    assert reviews[second].final_at is None
    assert [other["reason"] for other in body["others"]] == ["Eczema."]
    event = session.scalars(select(Event)).one()
    assert (event.type, event.payload["level"], event.available_at) == (
        "case.completed", "routine", done.final_at,
    )  # fmt: skip
    assert further_of(session).state == "done"
    assert verify_chains(session) == []


def test_where_two_agree_on_what_stands_nothing_changes(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session
) -> None:
    case = waiting("mpox", "urgent")
    decided(api, {"verdict": "confirm"})
    before, told = stored(case.id), events(session)
    other_api.decide(take(other_api, case.id), **MPOX)
    after = stored(case.id)
    assert (after.level, after.final_at, after.counted) == (before.level, before.final_at, before.counted)
    assert events(session) == told
    assert session.scalars(select(FurtherReading.kind)).all() == ["second"]


@pytest.mark.parametrize(
    "other",
    [
        {**ROUTINE, "level": "priority"},
        {**ROUTINE, "diagnosis": "psoriasis"},
        {**ROUTINE, "diagnosis": "other"},
        {"verdict": "confirm"},
    ],
)
def test_where_two_differ_a_senior_is_asked_and_what_waits_goes_on_waiting(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session,
    other: dict[str, Any], reader: Clinician, other_reader: Clinician,
) -> None:  # fmt: skip
    case = waiting("nev", "emergency")
    first = decided(api, ROUTINE)
    second = take(other_api, case.id)
    assert other_api.decide(second, **other).status_code == 200
    found = stored(case.id)
    assert (found.status, found.level, found.awaits_reading) == ("awaiting_review", "emergency", True)
    assert events(session) == []
    asked = further_of(session, "adjudication")
    assert (asked.state, asked.takes_effect, asked.rank) == ("waiting", True, 0)
    assert (str(asked.review_id), str(asked.other_review_id)) == (first["id"], second)
    assert set(asked.excluded) == {reader.id, other_reader.id}
    assert verify_chains(session) == []


def test_a_second_reader_who_raises_the_level_is_heard_at_once(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session
) -> None:
    case = waiting("mpox", "urgent")
    first = decided(api, {"verdict": "confirm"})
    body = other_api.decide(take(other_api, case.id), **{**MPOX, "level": "emergency"}).json
    raised = stored(case.id)
    assert (raised.status, raised.level, raised.rank) == ("completed", "emergency", 0)
    assert raised.final_at is not None
    assert raised.final_at <= now()
    assert raised.reasons[-1]["rule"] == "clinician.second_reading"
    # What stood leaves before what changes it.
    assert [event for event, _ in events(session)] == ["case.completed", "case.emergency", "case.amended"]
    assert all(event.available_at <= now() for event in session.scalars(select(Event)))
    assert body["undo_until"] is None
    assert api.post(f"/v1/reviews/{first['id']}/undo").status_code == 409
    assert further_of(session, "adjudication").rank == 0
    assert verify_chains(session) == []


def test_a_second_reader_can_raise_what_still_waits(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "urgent")
    decided(api, ROUTINE)
    other_api.decide(take(other_api, case.id), **{**ROUTINE, "level": "emergency"})
    raised = stored(case.id)
    assert (raised.status, raised.level, raised.awaits_reading) == ("awaiting_review", "emergency", True)
    assert [event for event, _ in events(session)] == ["case.emergency", "case.escalated"]


@pytest.mark.parametrize("verdict", [{"verdict": "retake", "reason": "x"}, {"verdict": "escalate"}])
def test_a_second_reader_does_not_send_the_case_on(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, verdict: dict[str, Any]
) -> None:
    case = waiting("mpox", "urgent")
    decided(api, {"verdict": "confirm"})
    answer = other_api.decide(take(other_api, case.id), **verdict)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "verdict")


def test_a_second_reading_that_was_held_too_long_is_not_recorded(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, session: Session
) -> None:
    case = waiting("mpox", "urgent")
    decided(api, {"verdict": "confirm"})
    review_id = take(other_api, case.id)
    further_of(session).review_until = now() - timedelta(seconds=1)
    session.commit()
    assert other_api.get(f"/v1/reviews/{review_id}").json["state"] == "expired"
    assert other_api.decide(review_id, verdict="confirm").status_code == 409


def test_who_may_not_read_the_case_any_more_cannot_decide_it(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, session: Session,
    other_reader: Clinician,
) -> None:  # fmt: skip
    case = waiting("mpox", "urgent")
    decided(api, {"verdict": "confirm"})
    review_id = take(other_api, case.id)
    session.get_one(Clinician, other_reader.id, populate_existing=True).regions = ["DE"]
    session.commit()
    assert reader_of(session, other_reader.id).regions == ("DE",)
    assert other_api.get(f"/v1/reviews/{review_id}").status_code == 404
    assert other_api.decide(review_id, verdict="confirm").status_code == 404

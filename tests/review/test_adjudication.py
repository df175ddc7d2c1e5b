"""Adjudication: a senior sees both readings, and their word is the result."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.models import Case, Event, Review
from tests.review.conftest import ApiClient

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]
Take = Callable[[ApiClient, UUID], str]

ROUTINE = {"verdict": "override", "level": "routine", "diagnosis": "eczema", "reason": "Eczema."}
PRIORITY = {"verdict": "override", "level": "priority", "diagnosis": "scc", "reason": "Grew fast."}


@pytest.fixture
def second_rules() -> dict[str, Any]:
    return {"emergency_downgraded": True, "diagnoses": ["mpox", "scc"]}


@pytest.fixture
def lowered(api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take) -> Case:
    """An emergency that two readers lower, each to another level: nothing stands yet."""
    case = waiting("mpox", "emergency")
    api.decide(api.claim()["id"], **ROUTINE)
    other_api.decide(take(other_api, case.id), **PRIORITY)
    return case


@pytest.fixture
def stands(api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take) -> Case:
    """A decision that stands (priority, scc), and a second reader who finds less."""
    case = waiting("nev", "priority")
    api.decide(api.claim()["id"], **PRIORITY)
    other_api.decide(take(other_api, case.id), **ROUTINE)
    return case


def types(session: Session) -> list[str]:
    return list(session.scalars(select(Event.type).order_by(Event.available_at, Event.id)))


def test_a_senior_sees_both_readings(senior_api: ApiClient, lowered: Case, take: Take) -> None:
    body = senior_api.get(f"/v1/reviews/{take(senior_api, lowered.id)}").json
    assert (body["kind"], body["blind"], body["case"]["level"]) == ("adjudication", False, "emergency")
    found = [
        (other["kind"], other["level"], other["diagnosis_code"], other["reason"]) for other in body["others"]
    ]
    assert found == [("first", "routine", "eczema", "Eczema."), ("second", "priority", "scc", "Grew fast.")]
    assert "clinician" not in str(body["others"])


def test_a_seniors_word_ends_the_waiting(
    senior_api: ApiClient, lowered: Case, take: Take, stored: Stored, session: Session
) -> None:
    review_id = take(senior_api, lowered.id)
    assert senior_api.decide(review_id, **PRIORITY).status_code == 200
    done = stored(lowered.id)
    assert (done.status, done.level, done.awaits_reading) == ("completed", "priority", False)
    assert done.completed_at is not None
    assert done.final_at == done.completed_at + timedelta(seconds=60)
    assert {cell["condition"]: cell["status"] for cell in done.counted} == {
        "mpox": "ruled_out", "scc": "suspected",
    }  # fmt: skip
    assert types(session) == ["case.completed"]
    finals = {review.kind: review.final_at for review in session.scalars(select(Review))}
    assert finals == {"first": None, "second": None, "adjudication": done.final_at}
    assert verify_chains(session) == []


def test_a_senior_who_lowers_by_agreeing_with_the_ai_result_says_why(
    api: ApiClient, other_api: ApiClient, senior_api: ApiClient, waiting: Waiting, take: Take, stored: Stored
) -> None:
    case = waiting("scc", "priority")
    api.decide(api.claim()["id"], verdict="confirm")
    other_api.decide(take(other_api, case.id), **{**PRIORITY, "level": "emergency"})
    review_id = take(senior_api, case.id)
    answer = senior_api.decide(review_id, verdict="confirm")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "reason")
    assert senior_api.decide(review_id, verdict="confirm", reason="No danger.").status_code == 200
    assert stored(case.id).level == "priority"


def test_a_senior_who_finds_otherwise_amends_what_stood(
    senior_api: ApiClient, stands: Case, take: Take, stored: Stored, session: Session
) -> None:
    body = senior_api.decide(take(senior_api, stands.id), **ROUTINE).json
    done = stored(stands.id)
    assert (done.status, done.level) == ("completed", "routine")
    assert {cell["condition"]: cell["status"] for cell in done.counted} == {"nev": "ruled_out"}
    assert types(session) == ["case.completed", "case.amended"]
    assert (body["undo_until"], body["final_at"] is not None) == (None, True)
    assert verify_chains(session) == []


def test_a_senior_who_finds_the_same_changes_nothing_and_has_the_last_word(
    senior_api: ApiClient, stands: Case, take: Take, stored: Stored, session: Session
) -> None:
    senior_api.decide(take(senior_api, stands.id), **PRIORITY)
    assert stored(stands.id).level == "priority"
    assert types(session) == ["case.completed"]
    final = {review.kind: review.final_at for review in session.scalars(select(Review))}
    assert final["first"] == final["adjudication"] == stored(stands.id).final_at
    assert verify_chains(session) == []


def test_neither_of_the_two_readers_decides_between_themselves(
    api: ApiClient, other_api: ApiClient, lowered: Case, take: Take
) -> None:
    for reader in (api, other_api):
        with pytest.raises(AssertionError, match="may not take it"):
            take(reader, lowered.id)

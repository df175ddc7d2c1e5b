"""Undo: within the window a decision is taken back wholly, and afterwards not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.counts import CountChange, change_counts
from db.ids import now
from db.models import (
    Assessment,
    AuditEntry,
    Case,
    Event,
    FurtherReading,
    Review,
    ReviewDraft,
    SurveillanceCount,
)
from tests.review.conftest import ApiClient
from web.access import SESSION_COOKIE

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]
Take = Callable[[ApiClient, UUID], str]

LOWERED = {"verdict": "override", "level": "routine", "diagnosis": "eczema", "reason": "Eczema."}
COLUMNS = (
    "level",
    "rank",
    "due_at",
    "reasons",
    "flags",
    "counted",
    "completed_at",
    "final_at",
    "awaits_reading",
)


@pytest.fixture
def second_rules() -> dict[str, Any]:
    return {"emergency_downgraded": True, "diagnoses": ["mpox"]}


def undo(api: ApiClient, review_id: str) -> Any:
    return api.post(f"/v1/reviews/{review_id}/undo")


def counts(session: Session) -> dict[tuple[str, str], int]:
    rows = session.scalars(select(SurveillanceCount).where(SurveillanceCount.count > 0))
    return {(row.condition, row.status): row.count for row in rows}


@pytest.mark.parametrize(
    ("condition", "level", "body"),
    [
        ("nev", "routine", {"verdict": "confirm"}),
        ("nev", "urgent", LOWERED),
        ("mpox", "urgent", {"verdict": "confirm"}),
        ("nev", "emergency", LOWERED),
    ],
)
def test_a_decision_is_taken_back_wholly(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session,
    condition: str, level: str, body: dict[str, Any],
) -> None:  # fmt: skip
    case = waiting(condition, level)
    change_counts(session, [CountChange(case.accepted_at, case.region, [], case.counted)])
    session.commit()
    counted = counts(session)
    review_id = api.claim()["id"]
    held = stored(case.id)
    until = api.decide(review_id, **body).json["undo_until"]
    assert until is not None

    again = undo(api, review_id)
    assert again.status_code == 200
    assert (again.json["state"], again.json["verdict"], again.json["undo_until"]) == ("held", None, None)
    back = stored(case.id)
    assert [getattr(back, name) for name in COLUMNS] == [getattr(held, name) for name in COLUMNS]
    assert (back.status, str(back.review_token)) == ("in_review", review_id)
    assert session.scalars(select(Event)).all() == []
    session.expire_all()
    assert counts(session) == counted
    review = session.scalars(select(Review)).one()
    assert (review.decided_at, review.final_at, review.before) == (None, None, None)
    assert review.undone_at is not None
    assert {further.state for further in session.scalars(select(FurtherReading))} <= {"cancelled"}
    last = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq.desc())).first()
    assert last == "review.undone"
    assert verify_chains(session) == []


def test_after_undo_the_case_can_be_decided_anew_and_read_by_another(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "emergency")
    review_id = api.claim()["id"]
    api.decide(review_id, **LOWERED)
    undo(api, review_id)
    assert api.decide(review_id, **{**LOWERED, "level": "priority"}).status_code == 200
    (further,) = session.scalars(select(FurtherReading)).all()
    assert (further.state, further.takes_effect) == ("waiting", True)
    other_api.decide(take(other_api, case.id), **{**LOWERED, "level": "priority"})
    assert stored(case.id).level == "priority"
    assert session.scalars(select(Review.undone_at)).all() == [None, None]
    assert verify_chains(session) == []


def test_what_was_typed_stands_in_the_form_again(api: ApiClient, waiting: Waiting, session: Session) -> None:
    case = waiting("nev", "urgent")
    review_id = api.claim()["id"]
    api.decide(review_id, **LOWERED)
    undo(api, review_id)
    draft = session.scalars(select(ReviewDraft)).one()
    assert draft.case_id == case.id
    assert draft.fields == {
        "override": {"level": "routine", "diagnosis": "eczema", "reason": "Eczema."}, "last": "override",
    }  # fmt: skip


def test_a_decision_deletes_the_draft(api: ApiClient, waiting: Waiting, session: Session) -> None:
    waiting("nev", "routine")
    review = api.claim()
    session.add(
        ReviewDraft(
            case_id=UUID(review["case_id"]),
            clinician_id=session.scalars(select(Review.clinician_id)).one(),
            fields={"override": {"reason": "I think"}},
        )
    )
    session.commit()
    api.decide(review["id"], verdict="confirm")
    assert session.scalars(select(ReviewDraft.saved_at)).all() == []


@pytest.mark.parametrize(
    ("level", "body"),
    [
        ("emergency", {"verdict": "confirm"}),
        ("routine", {**LOWERED, "level": "emergency"}),
        ("routine", {"verdict": "retake", "reason": "Too dark."}),
        ("routine", {"verdict": "escalate"}),
    ],
)
def test_what_is_told_at_once_cannot_be_undone(
    api: ApiClient, waiting: Waiting, stored: Stored, level: str, body: dict[str, Any]
) -> None:
    case = waiting("nev", level)
    review_id = api.claim()["id"]
    assert api.decide(review_id, **body).json["undo_until"] is None
    status = stored(case.id).status
    answer = undo(api, review_id)
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert stored(case.id).status == status


def end_window(session: Session, review_id: str) -> None:
    """As if the window had passed."""
    review = session.get_one(Review, UUID(review_id), populate_existing=True)
    passed = now() - timedelta(seconds=1)
    review.before = {**(review.before or {}), "until": passed.isoformat()}
    session.commit()


def test_after_the_window_nothing_is_undone(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "routine")
    review_id = api.claim()["id"]
    api.decide(review_id, verdict="confirm")
    end_window(session, review_id)
    answer = undo(api, review_id)
    assert (answer.status_code, "final and cannot be undone" in answer.json["detail"]) == (409, True)
    assert stored(case.id).status == "completed"


def test_an_event_that_has_left_is_never_taken_back(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "routine")
    review_id = api.claim()["id"]
    api.decide(review_id, verdict="confirm")
    session.scalars(select(Event)).one().dispatched_at = now()
    session.commit()
    assert undo(api, review_id).status_code == 409
    assert (stored(case.id).status, len(session.scalars(select(Event.id)).all())) == ("completed", 1)


def test_undone_twice_is_refused(api: ApiClient, waiting: Waiting) -> None:
    waiting("nev", "routine")
    review_id = api.claim()["id"]
    assert undo(api, review_id).status_code == 409
    api.decide(review_id, verdict="confirm")
    assert undo(api, review_id).status_code == 200
    assert undo(api, review_id).status_code == 409


def test_nobody_undoes_anothers_decision(api: ApiClient, other_api: ApiClient, waiting: Waiting) -> None:
    waiting("nev", "routine")
    review_id = api.claim()["id"]
    api.decide(review_id, verdict="confirm")
    assert undo(other_api, review_id).status_code == 404


@pytest.mark.parametrize("level", ["urgent", "emergency"])
def test_a_decision_that_another_person_reads_already_stays(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session,
    level: str,
) -> None:  # fmt: skip
    case = waiting("mpox", level)
    review_id = api.claim()["id"]
    body = LOWERED if level == "emergency" else {"verdict": "confirm"}
    api.decide(review_id, **body)
    take(other_api, case.id)
    before = stored(case.id)
    answer = undo(api, review_id)
    assert (answer.status_code, "Another clinician reads" in answer.json["detail"]) == (409, True)
    assert (stored(case.id).status, stored(case.id).level) == (before.status, before.level)
    assert session.scalars(select(FurtherReading.state)).all() == ["held"]


def test_a_second_readers_agreement_can_be_undone_too(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "emergency")
    api.decide(api.claim()["id"], **LOWERED)
    second = take(other_api, case.id)
    waits = stored(case.id)
    other_api.decide(second, **LOWERED)
    assert undo(other_api, second).json["state"] == "held"
    back = stored(case.id)
    assert [getattr(back, name) for name in COLUMNS] == [getattr(waits, name) for name in COLUMNS]
    assert back.status == "awaiting_review"
    assert session.scalars(select(Event)).all() == []
    assert session.scalars(select(Review.final_at)).all() == [None, None]
    assert other_api.decide(second, **{**LOWERED, "level": "priority"}).status_code == 200
    kinds = dict(session.execute(select(FurtherReading.kind, FurtherReading.state)).all())
    assert kinds == {"second": "done", "adjudication": "waiting"}
    assert undo(other_api, second).status_code == 200
    session.expire_all()
    kinds = dict(session.execute(select(FurtherReading.kind, FurtherReading.state)).all())
    assert kinds == {"second": "held", "adjudication": "cancelled"}
    assert verify_chains(session) == []


def test_a_seniors_word_can_be_undone_where_nothing_stood(
    api: ApiClient, other_api: ApiClient, senior_api: ApiClient, waiting: Waiting, take: Take, stored: Stored
) -> None:
    case = waiting("nev", "emergency")
    api.decide(api.claim()["id"], **LOWERED)
    other_api.decide(take(other_api, case.id), **{**LOWERED, "level": "priority"})
    review_id = take(senior_api, case.id)
    senior_api.decide(review_id, **LOWERED)
    assert stored(case.id).status == "completed"
    assert undo(senior_api, review_id).json["state"] == "held"
    back = stored(case.id)
    assert (back.status, back.level, back.awaits_reading) == ("awaiting_review", "emergency", True)


def test_a_result_of_the_model_that_came_meanwhile_stays(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "routine")
    review_id = api.claim()["id"]
    api.decide(review_id, verdict="confirm")
    session.scalars(select(Assessment)).one().created_at = now()
    session.commit()
    answer = undo(api, review_id)
    assert (answer.status_code, "came after your decision" in answer.json["detail"]) == (409, True)
    assert stored(case.id).status == "completed"


def test_a_case_that_the_platform_took_back_stays_cancelled(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "emergency")
    review_id = api.claim()["id"]
    api.decide(review_id, **LOWERED)
    session.get_one(Case, case.id, populate_existing=True).status = "cancelled"
    session.commit()
    assert undo(api, review_id).status_code == 409
    assert stored(case.id).status == "cancelled"


def test_the_page_offers_undo_while_it_is_possible(
    app: Flask, api: ApiClient, waiting: Waiting, session: Session
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    waiting("nev", "routine")
    review_id = api.claim()["id"]
    api.decide(review_id, verdict="confirm")
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, api.token)
    address = f"/review/cases/{review_id}"
    assert f"{address}/undo" in browser.get(address).text
    back = browser.post(f"{address}/undo", follow_redirects=True)
    assert "Your decision is undone" in back.text
    assert f"{address}/decide" in back.text
    api.decide(review_id, verdict="confirm")
    end_window(session, review_id)
    late = browser.get(address).text
    assert f"{address}/undo" not in late
    assert f"{address}/amend" in late

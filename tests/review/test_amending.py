"""Corrections: a new review supersedes the one that stands; nothing of what was recorded is edited."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.counts import CountChange, change_counts
from db.ids import now
from db.models import AuditEntry, Case, Event, FurtherReading, Review, SurveillanceCount
from tests.review.conftest import ApiClient
from web.access import SESSION_COOKIE

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]
Take = Callable[[ApiClient, UUID], str]

CHICKENPOX = {"level": "priority", "diagnosis": "chickenpox", "reason": "The culture says so."}


@pytest.fixture
def second_rules() -> dict[str, Any]:
    return {"emergency_downgraded": True, "diagnoses": ["measles"]}


def make_final(session: Session) -> None:
    """As if the undo windows had passed."""
    passed = now() - timedelta(seconds=1)
    session.execute(update(Case).where(Case.final_at > passed).values(final_at=passed))
    session.execute(update(Review).where(Review.final_at > passed).values(final_at=passed))
    session.commit()


@pytest.fixture
def final(api: ApiClient, waiting: Waiting, session: Session) -> tuple[Case, str]:
    """A case that was confirmed as urgent mpox, and the review that did."""
    case = waiting("mpox", "urgent")
    change_counts(session, [CountChange(case.accepted_at, case.region, [], case.counted)])
    session.commit()
    review_id = api.claim()["id"]
    assert api.decide(review_id, verdict="confirm").status_code == 200
    make_final(session)
    return case, review_id


def amend(api: ApiClient, review_id: str, **body: Any) -> Any:
    return api.post(f"/v1/reviews/{review_id}/amend", body)


def test_a_correction_supersedes_and_edits_nothing(
    api: ApiClient, final: tuple[Case, str], stored: Stored, session: Session
) -> None:
    case, review_id = final
    before = api.get(f"/v1/reviews/{review_id}").json
    answer = amend(api, review_id, **CHICKENPOX)
    assert answer.status_code == 201, answer.text
    assert (answer.json["kind"], answer.json["state"], answer.json["level"]) == (
        "amendment", "decided", "priority",
    )  # fmt: skip
    done = stored(case.id)
    assert (done.status, done.level, done.rank) == ("completed", "priority", 2)
    assert {cell["condition"]: cell["status"] for cell in done.counted} == {
        "mpox": "ruled_out", "chickenpox": "suspected",
    }  # fmt: skip
    rows = session.scalars(select(SurveillanceCount).where(SurveillanceCount.count > 0))
    assert {(row.condition, row.status) for row in rows} == {
        ("mpox", "ruled_out"), ("chickenpox", "suspected"),
    }  # fmt: skip
    amendment = session.get_one(Review, UUID(answer.json["id"]))
    assert (str(amendment.supersedes_id), amendment.reason) == (review_id, "The culture says so.")
    assert api.get(f"/v1/reviews/{review_id}").json == before
    events = session.scalars(select(Event).order_by(Event.id)).all()
    assert [(event.type, event.payload["level"]) for event in events] == [
        ("case.completed", "urgent"), ("case.amended", "priority"),
    ]  # fmt: skip
    assert "culture" not in "".join(session.scalars(select(AuditEntry.detail)))
    assert verify_chains(session) == []


def test_a_diagnosis_that_is_taken_back_counts_no_more(
    api: ApiClient, final: tuple[Case, str], stored: Stored
) -> None:
    case, review_id = final
    amend(api, review_id, level="urgent", reason="Too early to say.")
    assert stored(case.id).counted == [{"condition": "mpox", "status": "preliminary"}]


def test_only_the_decision_that_stands_can_be_corrected(api: ApiClient, final: tuple[Case, str]) -> None:
    _case, review_id = final
    second = amend(api, review_id, **CHICKENPOX).json["id"]
    refused = amend(api, review_id, **CHICKENPOX)
    assert (refused.status_code, "A later decision stands" in refused.json["detail"]) == (409, True)
    assert amend(api, second, **{**CHICKENPOX, "level": "urgent"}).status_code == 201


def test_others_correct_nothing_but_a_senior_may(
    other_api: ApiClient, senior_api: ApiClient, final: tuple[Case, str], session: Session
) -> None:
    _case, review_id = final
    assert amend(other_api, review_id, **CHICKENPOX).status_code == 404
    assert amend(senior_api, review_id, **CHICKENPOX).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"level": "priority"}, "reason"),
        ({"level": "priority", "reason": "  "}, "reason"),
        ({"reason": "x"}, "level"),
        ({**CHICKENPOX, "diagnosis": "flu"}, "diagnosis"),
        ({**CHICKENPOX, "verdict": "confirm"}, "verdict"),
    ],
)
def test_a_correction_that_is_not_valid_changes_nothing(
    api: ApiClient, final: tuple[Case, str], stored: Stored, body: dict[str, Any], field: str
) -> None:
    case, review_id = final
    answer = amend(api, review_id, **body)
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert stored(case.id).level == "urgent"


def test_before_it_is_final_a_decision_is_undone_instead(api: ApiClient, waiting: Waiting) -> None:
    waiting("mpox", "urgent")
    review_id = api.claim()["id"]
    assert amend(api, review_id, **CHICKENPOX).status_code == 409
    api.decide(review_id, verdict="confirm")
    answer = amend(api, review_id, **CHICKENPOX)
    assert (answer.status_code, "can still be undone" in answer.json["detail"]) == (409, True)


def test_a_lowered_emergency_waits_for_another_person(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, stored: Stored, session: Session
) -> None:
    case = waiting("nev", "emergency")
    review_id = api.claim()["id"]
    api.decide(review_id, verdict="confirm")
    amendment = amend(api, review_id, **CHICKENPOX).json
    assert (amendment["final_at"], stored(case.id).level) == (None, "emergency")
    assert session.scalars(select(Event.type)).all() == ["case.completed"]
    other_api.decide(take(other_api, case.id), verdict="override", **CHICKENPOX)
    done = stored(case.id)
    assert (done.status, done.level) == ("completed", "priority")
    assert set(session.scalars(select(Event.type))) == {"case.completed", "case.amended"}
    assert api.get(f"/v1/reviews/{amendment['id']}").json["final_at"] is not None
    assert verify_chains(session) == []


def test_what_was_to_be_checked_is_checked_on_the_correction(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, session: Session
) -> None:
    case = waiting("measles", "urgent")
    review_id = api.claim()["id"]
    api.decide(review_id, verdict="confirm")
    make_final(session)
    amendment = amend(api, review_id, **{**CHICKENPOX, "level": "urgent"}).json
    found = session.scalars(select(FurtherReading).order_by(FurtherReading.id)).all()
    assert [(str(row.review_id), row.state, row.why) for row in found] == [
        (review_id, "cancelled", ["suspected"]), (amendment["id"], "waiting", ["suspected"]),
    ]  # fmt: skip
    take(other_api, case.id)
    refused = amend(api, amendment["id"], **CHICKENPOX)
    assert (refused.status_code, "Another clinician reads" in refused.json["detail"]) == (409, True)


def test_an_emergency_that_is_found_later_is_told_at_once(
    api: ApiClient, final: tuple[Case, str], session: Session
) -> None:
    amend(api, final[1], **{**CHICKENPOX, "level": "emergency"})
    types = session.scalars(select(Event.type).order_by(Event.id)).all()
    assert types == ["case.completed", "case.emergency", "case.amended"]


def test_the_page_corrects_and_shows_what_was_wrong(
    app: Flask, api: ApiClient, final: tuple[Case, str], stored: Stored
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    case, review_id = final
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, api.token)
    address = f"/review/cases/{review_id}/amend"
    form = browser.get(address).text
    assert "What stands now:" in form
    assert "suspected mpox" in form
    refused = browser.post(address, data={"level": "priority", "diagnosis": "chickenpox"})
    assert (refused.status_code, "Reason:" in refused.text) == (422, True)
    done = browser.post(address, data=CHICKENPOX, follow_redirects=True)
    assert "The correction is recorded" in done.text
    assert stored(case.id).level == "priority"
    assert browser.get(address).status_code == 409

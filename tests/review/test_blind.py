"""Blind first reading: nothing of the AI result is answered before the reader's own reading is recorded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import now
from db.models import Assessment, AuditEntry, Case, Review, SaliencyMap
from tests.factories import make_image
from tests.review.conftest import ApiClient
from web.access import SESSION_COOKIE

Waiting = Callable[..., Case]
OWN = {"blind_level": "priority", "blind_diagnosis": "chickenpox"}

# What the model left on the case below, in any shape in which it could be answered.
MODELS = (
    "raised lesions", "0.82", "82 %", "model.suspected", "The model suspects", "models_disagree",
    "parts of the model", "Preliminary - AI", "urgent case", "2031", "policy_version", "saliency",
)  # fmt: skip


@pytest.fixture
def blind(waiting: Waiting, session: Session) -> Case:
    """A case of routine for the rules and urgent for the model, which is to be read blind."""
    far = now().replace(year=2031)
    case = waiting(
        "mpox", "urgent", blind=True, flags=["models_disagree"], due_at=far,
        provisional_level="routine", provisional_flags=["incomplete_information"],
        provisional_due_at=now() + timedelta(days=5),
        provisional_reasons=[{"rule": "default.routine", "text": "No rule asks for more."}],
        reasons=[{"rule": "model.suspected_mpox", "text": "The model suspects mpox."}],
    )  # fmt: skip
    make_image(session, case, sha256="a" * 64)
    assessment = session.scalars(select(Assessment)).one()
    session.add(SaliencyMap(assessment_id=assessment.id, position=0, png=b"png"))
    session.commit()
    return case


def test_until_the_own_reading_is_recorded_nothing_of_the_model_is_answered(
    api: ApiClient, blind: Case
) -> None:
    body = api.claim()
    again = api.get(f"/v1/reviews/{body['id']}")
    assert again.json == body
    assert (body["blind"], body["case"]["level"]) == (True, "routine")
    assert body["case"]["flags"] == ["incomplete_information"]
    assert [reason["rule"] for reason in body["case"]["reasons"]] == ["default.routine"]
    assert (body["case"]["ai_result"], body["case"]["photographs"][0]["saliency"]) == (None, None)
    assert [word for word in MODELS if word in again.text.replace('"saliency":null', "")] == []


def test_the_page_shows_no_more_and_asks_for_the_own_reading(app: Flask, api: ApiClient, blind: Case) -> None:
    review_id = api.claim()["id"]
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, api.token)
    page = browser.get(f"/review/cases/{review_id}").text
    assert f"/review/cases/{review_id}/reveal" in page
    assert f"/review/cases/{review_id}/decide" not in page
    assert [word for word in MODELS if word in page] == []


def test_no_overlay_and_no_decision_before_the_own_reading(
    api: ApiClient, blind: Case, session: Session
) -> None:
    review_id = api.claim()["id"]
    overlay = api.get(f"/v1/reviews/{review_id}/images/0/saliency")
    decision = api.decide(review_id, verdict="confirm")
    for answer in (overlay, decision):
        assert answer.status_code == 409
        assert "Record your own reading first" in answer.json["detail"]
    assert session.scalars(select(Review.decided_at)).all() == [None]


def test_the_own_reading_is_kept_and_the_ai_result_shown(
    api: ApiClient, blind: Case, session: Session
) -> None:
    review_id = api.claim()["id"]
    body = api.post(f"/v1/reviews/{review_id}/reveal", OWN).json
    assert (body["blind"], body["blind_level"], body["blind_diagnosis"]) == (False, "priority", "chickenpox")
    assert (body["case"]["level"], body["case"]["ai_result"]["level"]) == ("urgent", "urgent")
    assert body["case"]["photographs"][0]["saliency"] is not None

    assert api.decide(review_id, verdict="confirm").status_code == 200
    review = session.scalars(select(Review)).one()
    assert (review.blind_level, review.blind_diagnosis) == ("priority", "chickenpox")
    assert (review.level, review.diagnosis) == ("urgent", "mpox")
    assert review.revealed_at is not None
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "review.revealed")).one()
    assert entry.detail == f"review:{review_id} level:priority"
    assert verify_chains(session) == []


def test_a_diagnosis_beyond_the_ten_conditions_is_kept_as_it_was_chosen(
    api: ApiClient, blind: Case, session: Session
) -> None:
    body = {"blind_level": "routine", "blind_diagnosis": "eczema"}
    answer = api.post(f"/v1/reviews/{api.claim()['id']}/reveal", body).json
    assert (answer["blind_diagnosis"], answer["blind_diagnosis_code"]) == ("other", "eczema")
    assert session.scalars(select(Review.blind_diagnosis_code)).all() == ["eczema"]


def test_the_own_reading_cannot_be_changed(api: ApiClient, blind: Case, session: Session) -> None:
    address = f"/v1/reviews/{api.claim()['id']}/reveal"
    api.post(address, OWN)
    answer = api.post(address, {"blind_level": "urgent", "blind_diagnosis": "mpox"})
    assert (answer.status_code, "cannot be changed" in answer.json["detail"]) == (409, True)
    assert session.scalars(select(Review.blind_level)).all() == ["priority"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"blind_level": "priority"}, "blind_diagnosis"),
        ({"blind_diagnosis": "mpox"}, "blind_level"),
        ({**OWN, "blind_diagnosis": "flu"}, "blind_diagnosis"),
        ({**OWN, "blind_level": "not_gradable"}, "blind_level"),
    ],
)
def test_an_own_reading_needs_a_level_and_a_diagnosis_of_the_list(
    api: ApiClient, blind: Case, session: Session, body: dict[str, Any], field: str
) -> None:
    answer = api.post(f"/v1/reviews/{api.claim()['id']}/reveal", body)
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert session.scalars(select(Review.revealed_at)).all() == [None]


def test_a_case_that_is_not_blind_needs_no_own_reading(api: ApiClient, waiting: Waiting) -> None:
    waiting()
    body = api.claim()
    assert body["blind"] is False
    assert api.post(f"/v1/reviews/{body['id']}/reveal", OWN).status_code == 409


def test_nobody_records_a_reading_in_anothers_review(
    api: ApiClient, other_api: ApiClient, blind: Case, end_lease: Callable[[UUID], None]
) -> None:
    address = f"/v1/reviews/{api.claim()['id']}/reveal"
    assert other_api.post(address, OWN).status_code == 404
    end_lease(blind.id)
    assert api.post(address, OWN).status_code == 409


def test_who_has_seen_the_ai_result_has_no_second_blind_look(
    api: ApiClient, other_api: ApiClient, blind: Case
) -> None:
    first = api.claim()["id"]
    api.post(f"/v1/reviews/{first}/reveal", OWN)
    api.post(f"/v1/reviews/{first}/release")
    other = other_api.claim()
    assert other["blind"] is True
    other_api.post(f"/v1/reviews/{other['id']}/release")
    again = api.claim()
    assert (again["blind"], again["blind_level"]) == (False, "priority")
    assert again["case"]["ai_result"] is not None


def test_the_page_records_the_own_reading(app: Flask, api: ApiClient, blind: Case) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    review_id = api.claim()["id"]
    browser = app.test_client()
    browser.set_cookie(SESSION_COOKIE, api.token)
    refused = browser.post(f"/review/cases/{review_id}/reveal", data={"blind_level": "urgent"})
    assert (refused.status_code, "Diagnosis: Add this field." in refused.text) == (422, True)
    answer = browser.post(f"/review/cases/{review_id}/reveal", data=OWN, follow_redirects=True)
    assert "Several raised lesions" in answer.text
    assert f"/review/cases/{review_id}/decide" in answer.text


def test_an_escalated_case_is_shown_by_its_new_level_and_read_with_the_ai_result(
    api: ApiClient, other_api: ApiClient, blind: Case, stored: Callable[[UUID], Case]
) -> None:
    review_id = api.claim()["id"]
    api.post(f"/v1/reviews/{review_id}/reveal", OWN)
    assert api.decide(review_id, verdict="escalate", level="emergency").status_code == 200
    raised = stored(blind.id)
    assert (raised.blind, raised.shown_level, raised.level) == (False, "emergency", "emergency")
    assert other_api.claim()["blind"] is False

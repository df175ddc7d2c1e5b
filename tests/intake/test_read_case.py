"""A platform reads its case and never another's; what the model found needs its scope until the decision."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Platform
from tests.intake.conftest import PlatformClient
from tests.intake.pictures import jpeg_with_gps
from tests.intake.rows import assess, decide, set_case, the_case

UNKNOWN = "0197a000-0000-7000-8000-000000000000"


def test_a_new_case_is_read_with_its_level_and_photographs(clinic: PlatformClient) -> None:
    accepted = clinic.submit().json
    body = clinic.get(accepted["links"]["self"]).json
    assert body["id"] == accepted["id"]
    assert (body["status"], body["level"], body["preliminary"]) == ("queued", "routine", True)
    assert body["reasons"] == accepted["reasons"]
    assert (body["findings"], body["explanation"], body["review"], body["provenance"]) == (None,) * 4
    assert body["images"] == [
        {
            "n": 0, "round": 0, "content_type": "image/jpeg", "width": 96, "height": 64,
            "href": f"/v1/cases/{body['id']}/images/0",
        }
    ]  # fmt: skip
    assert "not for clinical use" in body["notice"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/cases/{id}"),
        ("DELETE", "/v1/cases/{id}"),
        ("POST", "/v1/cases/{id}/cancel"),
        ("GET", "/v1/cases/{id}/images/0"),
        ("POST", "/v1/cases/{id}/images"),
    ],
)
def test_anothers_case_does_not_exist(
    clinic: PlatformClient, stranger: PlatformClient, session: Session, method: str, path: str
) -> None:
    case_id = clinic.submit().json["id"]
    headers = stranger.auth(**{"Idempotency-Key": "key"})
    foreign = stranger.client.open(path.format(id=case_id), method=method, headers=headers)
    unknown = stranger.client.open(path.format(id=UNKNOWN), method=method, headers=headers)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json == unknown.json
    assert the_case(session).status == "queued"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/v1/cases", "cases:write"),
        ("GET", "/v1/cases", "cases:read"),
        ("GET", f"/v1/cases/{UNKNOWN}", "cases:read"),
        ("GET", f"/v1/cases/{UNKNOWN}/images/0", "cases:read"),
        ("POST", f"/v1/cases/{UNKNOWN}/images", "cases:write"),
        ("POST", f"/v1/cases/{UNKNOWN}/cancel", "cases:write"),
        ("DELETE", f"/v1/cases/{UNKNOWN}", "cases:erase"),
    ],
)
def test_each_door_needs_its_scope(
    platform: Platform, new_client: Callable[..., PlatformClient], method: str, path: str, scope: str
) -> None:
    client = new_client(platform, "webhooks:manage")
    response = client.client.open(path, method=method, headers=client.auth())
    assert response.status_code == 403
    assert scope in response.json["detail"]
    assert client.client.open(path, method=method).status_code == 401


def test_findings_before_the_decision_need_their_scope(
    clinic: PlatformClient,
    platform: Platform,
    new_client: Callable[..., PlatformClient],
    session: Session,
) -> None:
    path = clinic.submit().json["links"]["self"]
    assess(session, the_case(session))
    body = clinic.get(path).json
    assert (body["status"], body["level"], body["preliminary"]) == ("awaiting_review", "urgent", True)
    assert body["findings"][0] == {"condition": "mpox", "probability": 0.8}
    assert body["explanation"] == "Looks like mpox."
    assert body["provenance"] == {"model": "test"}
    without = new_client(platform, "cases:read").get(path).json
    assert (without["findings"], without["explanation"]) == (None, None)
    assert without["level"] == "urgent"


def test_a_prediction_set_is_told_where_findings_are(
    clinic: PlatformClient,
    platform: Platform,
    new_client: Callable[..., PlatformClient],
    session: Session,
) -> None:
    path = clinic.submit().json["links"]["self"]
    assessment = assess(session, the_case(session))
    assert clinic.get(path).json["prediction_set"] is None, "a model without conformal calibration"
    assessment.signals = {"entropy": 0.3, "prediction_set": ["mpox", "nev"], "coverage": 0.9}
    session.commit()
    assert clinic.get(path).json["prediction_set"] == ["mpox", "nev"]
    assert new_client(platform, "cases:read").get(path).json["prediction_set"] is None


def test_nothing_of_a_decision_is_told_before_it_is_final(clinic: PlatformClient, session: Session) -> None:
    path = clinic.submit().json["links"]["self"]
    assess(session, the_case(session))
    before = clinic.get(path).json
    decide(session, the_case(session), final_at=now() + timedelta(seconds=60))
    body = clinic.get(path).json
    assert body == {**before, "status": "in_review", "flags": ["low_confidence"]}
    assert (body["level"], body["review"], body["preliminary"]) == ("urgent", None, True)
    listed = clinic.get("/v1/cases").json["items"][0]
    assert (listed["status"], listed["level"], listed["preliminary"]) == ("in_review", "urgent", True)


def test_a_raised_level_stays_raised_while_the_next_decision_settles(
    clinic: PlatformClient, session: Session
) -> None:
    path = clinic.submit().json["links"]["self"]
    assess(session, the_case(session))
    decide(session, the_case(session), verdict="escalate", status="awaiting_review", level="emergency")
    assert clinic.get(path).json["level"] == "emergency"
    set_case(session, status="completed", final_at=now() + timedelta(seconds=60), level="routine")
    body = clinic.get(path).json
    assert (body["status"], body["level"]) == ("in_review", "emergency")


def test_a_final_decision_is_told_without_the_clinician(
    clinic: PlatformClient,
    platform: Platform,
    new_client: Callable[..., PlatformClient],
    session: Session,
) -> None:
    path = clinic.submit().json["links"]["self"]
    assess(session, the_case(session))
    clinician = decide(session, the_case(session))
    response = new_client(platform, "cases:read").get(path)
    body = response.json
    assert (body["status"], body["level"], body["preliminary"]) == ("completed", "self_care", False)
    assert body["explanation"] == "Looks like mpox."
    review = body["review"]
    assert (review["verdict"], review["level"], review["diagnosis"]) == ("override", "self_care", "nev")
    assert review["reason"] == "A naevus."
    for trace in (clinician.email, clinician.name, str(clinician.id)):
        assert trace not in response.text


def test_a_settling_decision_without_ai_result_shows_the_rules_reasons(
    clinic: PlatformClient, session: Session
) -> None:
    path = clinic.submit().json["links"]["self"]
    before = clinic.get(path).json
    clinicians = [{"rule": "clinician.override", "text": "A clinician changed the level."}]
    later = now() + timedelta(seconds=60)
    set_case(session, status="completed", final_at=later, level="urgent", reasons=clinicians)
    assert clinic.get(path).json == {**before, "status": "in_review"}


def test_findings_are_those_of_the_newest_photographs(clinic: PlatformClient, session: Session) -> None:
    path = clinic.submit().json["links"]["self"]
    assess(session, the_case(session))
    set_case(session, status="queued", round=1)
    body = clinic.get(path).json
    assert (body["findings"], body["explanation"], body["provenance"]) == (None, None, None)


def test_a_retake_tells_what_to_photograph(clinic: PlatformClient, session: Session) -> None:
    path = clinic.submit().json["links"]["self"]
    decide(session, the_case(session), verdict="retake", status="needs_retake", level="routine")
    body = clinic.get(path).json
    assert (body["status"], body["preliminary"]) == ("needs_retake", True)
    assert body["review"]["retake_instructions"] == "A naevus."


def test_width_and_height_are_those_of_the_upright_photograph(clinic: PlatformClient) -> None:
    path = clinic.submit(images=[jpeg_with_gps(orientation=6)]).json["links"]["self"]
    image = clinic.get(path).json["images"][0]
    assert (image["width"], image["height"]) == (64, 96)

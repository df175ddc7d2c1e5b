"""Every verdict, with all that it leaves in the database; and who cannot give one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.counts import CountChange, change_counts
from db.ids import now
from db.models import AuditEntry, Case, Clinician, Event, Platform, Review, SurveillanceCount
from tests.factories import make_case, make_image
from tests.review.conftest import ApiClient, make_assessment
from triage import due_at, load_policy

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]


def test_confirm_completes_with_the_level_and_condition_of_the_ai_result(
    api: ApiClient, reader: Clinician, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("mpox", "urgent")
    review_id = api.claim()["id"]
    answer = api.decide(review_id, verdict="confirm")
    assert answer.status_code == 200
    assert (answer.json["state"], answer.json["case"]) == ("decided", None)

    done = stored(case.id)
    assert (done.status, done.level, done.rank) == ("completed", "urgent", 1)
    assert (done.reviewer_id, done.review_token, done.review_until) == (None, None, None)
    assert done.completed_at is not None
    assert done.final_at == done.completed_at + timedelta(seconds=60)

    review = session.scalars(select(Review)).one()
    assert (review.verdict, review.level, review.diagnosis) == ("confirm", "urgent", "mpox")
    assert (review.decided_at, review.final_at) == (done.completed_at, done.final_at)
    assert review.assessment_id is not None

    event = session.scalars(select(Event)).one()
    assert (event.type, event.case_id, event.available_at) == ("case.completed", case.id, done.final_at)
    assert event.payload == {"case_id": str(case.id), "level": "urgent"}

    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.actor, entry.action) == (f"clinician:{reader.id}", "review.confirm")
    assert entry.detail == f"review:{review_id} level:urgent"
    assert verify_chains(session) == []


def test_override_gives_the_clinicians_level_and_diagnosis(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("mpox", "urgent")
    review_id = api.claim()["id"]
    body = {"level": "routine", "diagnosis": "chickenpox", "reason": "Vesicles of all ages."}
    assert api.decide(review_id, verdict="override", **body).status_code == 200
    done = stored(case.id)
    assert (done.status, done.level, done.rank) == ("completed", "routine", 3)
    assert done.reasons[-1]["rule"] == "clinician.override"
    review = session.scalars(select(Review)).one()
    assert (review.verdict, review.level) == ("override", "routine")
    assert (review.diagnosis, review.reason) == ("chickenpox", "Vesicles of all ages.")
    assert session.scalars(select(Event.type)).all() == ["case.completed"]
    assert "Vesicles" not in "".join(session.scalars(select(AuditEntry.detail)))
    assert verify_chains(session) == []


def test_retake_asks_the_platform_for_new_photographs_and_the_case_stays_claimable(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("mpox", "urgent")
    make_image(session, case, sha256="a" * 64, position=0)
    make_image(session, case, sha256="b" * 64, position=1)
    review_id = api.claim()["id"]
    answer = api.decide(review_id, verdict="retake", reason="Closer, in daylight.", photographs=[1])
    assert answer.status_code == 200
    asked = stored(case.id)
    assert (asked.status, asked.assess_state, asked.level) == ("needs_retake", "none", "urgent")
    assert (asked.completed_at, asked.final_at) == (None, None)
    review = session.scalars(select(Review)).one()
    assert (review.verdict, review.reason) == ("retake", "Photograph 2: Closer, in daylight.")
    event = session.scalars(select(Event)).one()
    assert event.type == "case.needs_retake"
    assert event.available_at <= now()
    assert "daylight" not in str(event.payload)

    again = other_api.claim()
    assert again["case_id"] == str(case.id)
    assert other_api.post(f"/v1/reviews/{again['id']}/release").status_code == 204
    assert stored(case.id).status == "needs_retake"
    assert verify_chains(session) == []


def test_retake_ends_a_model_run_on_the_old_photographs(
    api: ApiClient, session: Session, platform: Platform, stored: Stored
) -> None:
    token = UUID("01900000-0000-7000-8000-00000000000a")
    case = make_case(
        session, platform, status="assessing", assess_state="leased", review_from=now(),
        lease_owner="worker", lease_token=token, lease_until=now() + timedelta(minutes=1),
    )  # fmt: skip
    api.decide(api.claim()["id"], verdict="retake", reason="Too dark.")
    asked = stored(case.id)
    assert (asked.status, asked.assess_state, asked.lease_token) == ("needs_retake", "none", None)


@pytest.mark.parametrize(
    ("level", "asked", "becomes"),
    [
        ("routine", None, "urgent"),
        ("routine", "emergency", "emergency"),
        ("urgent", None, "emergency"),
        ("emergency", None, "emergency"),
    ],
)
def test_escalate_raises_the_level_and_gives_the_case_back(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session,
    level: str, asked: str | None, becomes: str,
) -> None:  # fmt: skip
    accepted = now() - timedelta(minutes=5)
    case = waiting("nev", level, accepted_at=accepted, due_at=accepted + timedelta(days=7))
    review_id = api.claim()["id"]
    body = {"level": asked} if asked else {}
    assert api.decide(review_id, verdict="escalate", reason="Looks septic.", **body).status_code == 200
    raised = stored(case.id)
    assert (raised.status, raised.level) == ("awaiting_review", becomes)
    assert raised.due_at == due_at(accepted, becomes, load_policy())  # type: ignore[arg-type]
    assert (raised.reviewer_id, raised.review_token) == (None, None)
    assert raised.reasons[-1]["rule"] == "clinician.escalated"
    events = session.scalars(select(Event).order_by(Event.type)).all()
    told = ["case.emergency"] if becomes == "emergency" != level else []
    assert [event.type for event in events] == [*told, "case.escalated"]
    assert {event.payload["level"] for event in events} == {becomes}
    assert all(event.available_at <= now() for event in events)
    assert api.claim()["case_id"] == str(case.id)
    assert verify_chains(session) == []


def test_an_escalated_case_that_the_model_has_not_read_waits_for_people(
    api: ApiClient, session: Session, platform: Platform, stored: Stored
) -> None:
    case = make_case(session, platform, review_from=now())
    api.decide(api.claim()["id"], verdict="escalate")
    raised = stored(case.id)
    assert (raised.status, raised.assess_state, raised.level) == ("awaiting_review", "waiting", "urgent")


def test_an_emergency_is_final_at_once(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting("mpox", "emergency")
    api.decide(api.claim()["id"], verdict="confirm")
    done = stored(case.id)
    assert done.final_at == done.completed_at
    assert session.scalars(select(Event)).one().available_at == done.completed_at


def test_an_emergency_that_a_clinician_finds_is_told_as_such(
    api: ApiClient, waiting: Waiting, session: Session
) -> None:
    waiting("nev", "routine")
    api.decide(api.claim()["id"], verdict="override", level="emergency", reason="Septic.")
    events = session.scalars(select(Event).order_by(Event.type)).all()
    assert [event.type for event in events] == ["case.completed", "case.emergency"]
    assert all(event.available_at <= now() for event in events)


def test_a_lowered_emergency_can_be_undone(api: ApiClient, waiting: Waiting, stored: Stored) -> None:
    case = waiting("mpox", "emergency")
    api.decide(api.claim()["id"], verdict="override", level="routine", reason="Not at the eye.")
    done = stored(case.id)
    assert done.final_at is not None
    assert done.completed_at is not None
    assert done.final_at > done.completed_at


def test_without_an_ai_result_there_is_nothing_to_confirm(
    api: ApiClient, session: Session, platform: Platform, stored: Stored
) -> None:
    case = make_case(session, platform, review_from=now())
    review_id = api.claim()["id"]
    answer = api.decide(review_id, verdict="confirm")
    assert answer.status_code == 409
    assert "no AI result to confirm yet" in answer.json["detail"]
    assert stored(case.id).status == "in_review"
    answer = api.decide(review_id, verdict="override", level="priority", reason="Seen without AI.")
    assert answer.status_code == 200
    assert stored(case.id).status == "completed"
    assert session.scalars(select(Review)).one().assessment_id is None


def test_photographs_that_cannot_be_graded_cannot_be_confirmed(api: ApiClient, waiting: Waiting) -> None:
    waiting("mpox", "not_gradable", counted=[])
    answer = api.decide(api.claim()["id"], verdict="confirm")
    assert answer.status_code == 409
    assert "cannot be graded" in answer.json["detail"]


def test_a_late_result_never_lowers_what_confirm_gives(
    api: ApiClient, session: Session, platform: Platform, stored: Stored
) -> None:
    case = make_case(session, platform, level="urgent", review_from=now())
    review_id = api.claim()["id"]
    make_assessment(session, case, "nev", "routine", late=True)
    api.decide(review_id, verdict="confirm")
    assert stored(case.id).level == "urgent"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"verdict"}),
        ({"verdict": "agree"}, {"verdict"}),
        ({"verdict": "override"}, {"level", "reason"}),
        ({"verdict": "override", "level": "routine", "reason": "   "}, {"reason"}),
        ({"verdict": "override", "level": "not_gradable", "reason": "x"}, {"level"}),
        ({"verdict": "override", "level": "routine", "reason": "x", "diagnosis": "flu"}, {"diagnosis"}),
        ({"verdict": "confirm", "level": "routine"}, {"level"}),
        ({"verdict": "confirm", "diagnosis": "nev"}, {"diagnosis"}),
        ({"verdict": "retake"}, {"reason"}),
        ({"verdict": "retake", "reason": "x", "photographs": [7]}, {"photographs"}),
        ({"verdict": "escalate", "level": "routine"}, {"level"}),
        ({"verdict": "escalate", "laboratory": {"test": "mpxv_pcr", "result": "positive"}}, {"laboratory"}),
        ({"verdict": "confirm", "final": True}, {"final"}),
        ({"verdict": "retake", "reason": "a\x00b"}, {"reason"}),
        ({"verdict": "retake", "reason": "x" * 2001}, {"reason"}),
        ({"verdict": "confirm", "laboratory": {"test": "x-ray", "result": "positive"}}, {"laboratory.test"}),
    ],
)
def test_a_decision_that_is_not_valid_names_the_field_and_changes_nothing(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session,
    body: dict[str, Any], fields: set[str],
) -> None:  # fmt: skip
    case = waiting("mpox", "urgent")
    answer = api.decide(api.claim()["id"], **body)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json["errors"]} == fields
    assert all(error["remedy"] for error in answer.json["errors"])
    assert stored(case.id).status == "in_review"
    assert session.scalars(select(Event)).all() == []


VERDICTS: list[dict[str, Any]] = [
    {"verdict": "confirm"},
    {"verdict": "override", "level": "routine", "reason": "x"},
    {"verdict": "retake", "reason": "x"},
    {"verdict": "escalate"},
]


@pytest.mark.parametrize("body", VERDICTS)
def test_after_the_lease_has_ended_no_verdict_is_recorded(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session,
    end_lease: Callable[[UUID], None], body: dict[str, Any],
) -> None:  # fmt: skip
    case = waiting()
    review_id = api.claim()["id"]
    end_lease(case.id)
    answer = api.decide(review_id, **body)
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert "You do not hold this case any more" in answer.json["detail"]
    assert session.scalars(select(Event)).all() == []
    assert session.scalars(select(Review)).one().verdict is None
    assert stored(case.id).completed_at is None


@pytest.mark.parametrize("body", VERDICTS)
def test_a_case_is_decided_once(
    api: ApiClient, waiting: Waiting, session: Session, body: dict[str, Any]
) -> None:
    waiting()
    review_id = api.claim()["id"]
    assert api.decide(review_id, **body).status_code == 200
    events = session.scalars(select(Event.id)).all()
    answer = api.decide(review_id, verdict="override", level="self_care", reason="Second thoughts.")
    assert answer.status_code == 409
    assert "decided this case already" in answer.json["detail"]
    assert events
    assert session.scalars(select(Event.id)).all() == events


def test_after_release_no_verdict_is_recorded(api: ApiClient, waiting: Waiting, session: Session) -> None:
    waiting()
    review_id = api.claim()["id"]
    api.post(f"/v1/reviews/{review_id}/release")
    assert api.decide(review_id, verdict="confirm").status_code == 409
    assert session.scalars(select(Event)).all() == []


def test_two_requests_at_once_record_one_decision(
    api: ApiClient, waiting: Waiting, session: Session, stored: Stored
) -> None:
    start = Barrier(2)

    def decide(review_id: str, level: str) -> int:
        start.wait()
        client = api.client.application.test_client()
        body = {"verdict": "override", "level": level, "reason": "race"}
        return client.post(f"/v1/reviews/{review_id}/decision", json=body, headers=api.headers).status_code

    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            case = waiting()
            review_id = api.claim()["id"]
            statuses = list(pool.map(decide, (review_id, review_id), ("routine", "priority")))
            assert sorted(statuses) == [200, 409]
            won = ("routine", "priority")[statuses.index(200)]
            assert stored(case.id).level == won
    assert len(session.scalars(select(Event)).all()) == 10
    assert verify_chains(session) == []


def test_a_cancelled_case_cannot_be_decided(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session
) -> None:
    case = waiting()
    review_id = api.claim()["id"]
    session.get_one(Case, case.id, populate_existing=True).status = "cancelled"
    session.commit()
    assert api.decide(review_id, verdict="confirm").status_code == 409
    assert stored(case.id).status == "cancelled"


POSITIVE = {"test": "mpxv_pcr", "result": "positive"}
PROBABLE = {"test": "orthopoxvirus_pcr", "result": "positive"}
NEGATIVE = {"test": "mpxv_pcr", "result": "negative"}


@pytest.mark.parametrize(
    ("condition", "body", "counts"),
    [
        ("mpox", {"verdict": "confirm"}, {"mpox": "suspected"}),
        ("mpox", {"verdict": "confirm", "laboratory": POSITIVE}, {"mpox": "confirmed"}),
        ("mpox", {"verdict": "confirm", "laboratory": PROBABLE}, {"mpox": "probable"}),
        ("mpox", {"verdict": "confirm", "laboratory": NEGATIVE}, {"mpox": "ruled_out"}),
        ("nev", {"verdict": "confirm"}, {"nev": "suspected"}),
        ("mpox", {"diagnosis": "chickenpox"}, {"mpox": "ruled_out", "chickenpox": "suspected"}),
        ("mpox", {"diagnosis": "mpox"}, {"mpox": "suspected"}),
        ("mpox", {"diagnosis": "other"}, {"mpox": "ruled_out"}),
        ("mpox", {}, {"mpox": "preliminary"}),
        ("mpox", {"laboratory": POSITIVE}, {"mpox": "confirmed"}),
        ("nev", {"diagnosis": "other", "laboratory": POSITIVE}, {"nev": "ruled_out", "mpox": "confirmed"}),
    ],
)
def test_a_decision_moves_the_surveillance_counts(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session,
    condition: str, body: dict[str, Any], counts: dict[str, str],
) -> None:  # fmt: skip
    case = waiting(condition, "urgent")
    change_counts(session, [CountChange(case.accepted_at, case.region, [], case.counted)])
    session.commit()
    decision = (
        body if "verdict" in body else {"verdict": "override", "level": "urgent", "reason": "x", **body}
    )
    assert api.decide(api.claim()["id"], **decision).status_code == 200
    assert {cell["condition"]: cell["status"] for cell in stored(case.id).counted} == counts
    rows = session.scalars(select(SurveillanceCount).where(SurveillanceCount.count > 0)).all()
    assert {row.condition: row.status for row in rows} == counts
    assert {row.count for row in rows} == {1}


@pytest.mark.parametrize("body", [{"verdict": "retake", "reason": "x"}, {"verdict": "escalate"}])
def test_what_is_no_final_answer_moves_no_count(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session, body: dict[str, Any]
) -> None:
    case = waiting("mpox", "urgent")
    api.decide(api.claim()["id"], **body)
    assert stored(case.id).counted == [{"condition": "mpox", "status": "preliminary"}]
    assert session.scalars(select(SurveillanceCount)).all() == []

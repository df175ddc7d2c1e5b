"""What the case's platform reads while people decide, undo, read again and correct."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, FurtherReading, Platform, Review
from tests.review.conftest import ApiClient
from web.credentials import create_api_key

Waiting = Callable[..., Case]
Take = Callable[[ApiClient, UUID], str]
See = Callable[[Case], dict[str, Any]]

LOWERED = {"verdict": "override", "level": "routine", "diagnosis": "eczema", "reason": "Eczema."}
FIRST = {"verdict": "override", "level": "urgent", "diagnosis": "mpox", "reason": "The first says so."}


@pytest.fixture
def second_rules() -> dict[str, Any]:
    return {"emergency_downgraded": True, "diagnoses": ["mpox"]}


@pytest.fixture
def platforms_program(app: Flask, session: Session, platform: Platform) -> ApiClient:
    secret = create_api_key(session, platform.id, "reads", ["cases:read", "cases:write"])
    session.commit()
    return ApiClient(app.test_client(), secret)


@pytest.fixture
def see(platforms_program: ApiClient) -> See:
    """The case as its platform reads it."""

    def read(case: Case) -> dict[str, Any]:
        body: dict[str, Any] = platforms_program.get(f"/v1/cases/{case.id}").json
        (listed,) = [
            item for item in platforms_program.get("/v1/cases").json["items"] if item["id"] == str(case.id)
        ]
        assert (listed["status"], listed["level"]) == (body["status"], body["level"])
        return body

    return read


def pass_windows(session: Session) -> None:
    """As if the undo windows had passed."""
    passed = now() - timedelta(seconds=1)
    session.execute(update(Case).where(Case.final_at > passed).values(final_at=passed))
    session.execute(update(Review).where(Review.final_at > passed).values(final_at=passed))
    session.commit()


def test_a_decision_that_waits_for_another_reader_is_not_told(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, see: See, session: Session
) -> None:
    case = waiting("nev", "emergency")
    before = see(case)
    api.decide(api.claim()["id"], **LOWERED)
    pass_windows(session)
    assert see(case) == before
    assert (before["status"], before["preliminary"]) == ("awaiting_review", True)
    other_api.decide(take(other_api, case.id), **LOWERED)
    assert (see(case)["status"], see(case)["level"], see(case)["review"]) == ("in_review", "emergency", None)
    pass_windows(session)
    told = see(case)
    assert (told["status"], told["level"], told["preliminary"]) == ("completed", "routine", False)
    assert told["review"]["reason"] == "Eczema."


def test_undone_is_as_if_it_had_not_been(
    api: ApiClient, waiting: Waiting, see: See, session: Session
) -> None:
    case = waiting("nev", "priority")
    review_id = api.claim()["id"]
    before = see(case)
    api.decide(review_id, **LOWERED)
    assert see(case)["level"] == "priority"
    api.post(f"/v1/reviews/{review_id}/undo")
    pass_windows(session)
    assert see(case) == before


def test_a_second_reader_who_agrees_does_not_take_the_firsts_place(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, see: See, session: Session
) -> None:
    case = waiting("mpox", "urgent")
    api.decide(api.claim()["id"], **FIRST)
    pass_windows(session)
    told = see(case)
    other_api.decide(take(other_api, case.id), **{**FIRST, "reason": "The second agrees."})
    assert see(case) == told
    assert told["review"]["reason"] == "The first says so."


def test_who_raises_the_level_is_heard_and_the_senior_has_the_last_word(
    api: ApiClient, other_api: ApiClient, senior_api: ApiClient, waiting: Waiting, take: Take, see: See
) -> None:
    case = waiting("mpox", "urgent")
    api.decide(api.claim()["id"], **FIRST)
    other_api.decide(take(other_api, case.id), **{**FIRST, "level": "emergency", "reason": "Septic."})
    told = see(case)
    assert (told["status"], told["level"], told["review"]["reason"]) == ("completed", "emergency", "Septic.")
    senior_api.decide(take(senior_api, case.id), **{**FIRST, "reason": "Not septic."})
    told = see(case)
    assert (told["status"], told["level"], told["review"]["reason"]) == ("completed", "urgent", "Not septic.")


def test_a_second_reader_who_finds_less_is_not_told_before_the_senior_has_spoken(
    api: ApiClient, other_api: ApiClient, senior_api: ApiClient, waiting: Waiting, take: Take, see: See,
    session: Session,
) -> None:  # fmt: skip
    case = waiting("mpox", "urgent")
    api.decide(api.claim()["id"], **FIRST)
    pass_windows(session)
    told = see(case)
    other_api.decide(take(other_api, case.id), **LOWERED)
    pass_windows(session)
    assert see(case) == told
    senior_api.decide(take(senior_api, case.id), **LOWERED)
    assert (see(case)["level"], see(case)["review"]["reason"]) == ("routine", "Eczema.")


def test_a_correction_takes_the_place_of_what_it_corrects(
    api: ApiClient, waiting: Waiting, see: See, session: Session
) -> None:
    case = waiting("nev", "routine")
    review_id = api.claim()["id"]
    api.decide(review_id, verdict="confirm")
    pass_windows(session)
    api.post(
        f"/v1/reviews/{review_id}/amend", {"level": "priority", "diagnosis": "mel", "reason": "It has grown."}
    )
    told = see(case)
    assert (told["status"], told["level"], told["preliminary"]) == ("completed", "priority", False)
    assert (told["review"]["diagnosis"], told["review"]["reason"]) == ("mel", "It has grown.")


def test_a_case_that_waits_for_another_reader_can_be_cancelled(
    api: ApiClient, other_api: ApiClient, waiting: Waiting, take: Take, see: See, session: Session,
    platforms_program: ApiClient,
) -> None:  # fmt: skip
    case = waiting("nev", "emergency")
    api.decide(api.claim()["id"], **LOWERED)
    second = take(other_api, case.id)
    assert platforms_program.post(f"/v1/cases/{case.id}/cancel").status_code == 200
    assert see(case)["status"] == "cancelled"
    assert session.scalars(select(FurtherReading.state)).all() == ["cancelled"]
    assert other_api.decide(second, **LOWERED).status_code == 409
    assert other_api.get(f"/v1/reviews/{second}").json["state"] == "released"
    session.refresh(case)
    assert (case.status, case.awaits_reading) == ("cancelled", False)

"""Timeline and earlier cases beside a case: true, in order, and nothing that this reader may not know."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Clinician, Platform, Review
from db.readers import reader_of
from review.earlier import SHOWN, earlier_cases
from review.timeline import AFTER_THE_MODEL, STEP_WORDS, timeline
from tests.factories import make_case, make_platform
from tests.review.conftest import ApiClient, token_for
from web.access import SESSION_COOKIE

Waiting = Callable[..., Case]


def test_the_timeline_tells_the_steps_in_order_without_levels(
    api: ApiClient, waiting: Waiting, session: Session, end_lease: Callable[[UUID], None]
) -> None:
    case = waiting("mpox", "urgent")
    first = api.claim()["id"]
    api.post(f"/v1/reviews/{first}/release")
    api.claim()
    end_lease(case.id)
    review_id = api.claim(case.id)["id"]
    api.decide(review_id, verdict="retake", reason="In daylight.")
    steps = timeline(session, case, blind=False)  # type: ignore[arg-type]
    assert [str(step.words) for step in steps] == [
        "accepted", "claimed", "given back", "claimed", "time ended, given back", "claimed",
        "new photographs asked for",
    ]  # fmt: skip
    assert [step.at for step in steps] == sorted(step.at for step in steps)


def test_before_the_reveal_nothing_is_told_of_what_the_model_or_others_made_of_it(
    api: ApiClient, waiting: Waiting, session: Session
) -> None:
    case = waiting("mpox", "routine")
    api.decide(api.claim()["id"], verdict="escalate")
    api.claim(case.id)
    told = [str(step.words) for step in timeline(session, case, blind=True)]  # type: ignore[arg-type]
    assert told == ["accepted", "claimed", "claimed"]


def test_no_step_names_a_level_or_a_verdict() -> None:
    told = " ".join(map(str, (STEP_WORDS | AFTER_THE_MODEL).values()))
    assert not re.search(r"emergency|priority|routine|self-care|confirm|overrid|agree", told)


@pytest.fixture
def decided(session: Session, platform: Platform, reader: Clinician) -> Callable[..., Case]:
    """Adds a case that was decided."""

    def add(level: str = "priority", diagnosis: str | None = "chickenpox", **fields: object) -> Case:
        owner = fields.pop("platform", platform)
        case = make_case(session, owner, level=level, **{"status": "completed", **fields})  # type: ignore[arg-type]
        decision = {"decided_at": now(), "verdict": "override", "level": level, "diagnosis": diagnosis}
        session.add(Review(case_id=case.id, clinician_id=reader.id, **decision))
        session.commit()
        return case

    return add


def test_earlier_decided_cases_of_the_patient_are_told_newest_first(
    session: Session, reader: Clinician, waiting: Waiting, decided: Callable[..., Case]
) -> None:
    case = waiting()
    old = decided(accepted_at=now() - timedelta(days=90))
    newer = decided("urgent", None, accepted_at=now() - timedelta(days=2))
    found = earlier_cases(session, reader_of(session, reader.id), case)
    assert [(past.id, past.level, past.diagnosis) for past in found] == [
        (newer.id, "urgent", None),
        (old.id, "priority", "chickenpox"),
    ]


def test_a_corrected_decision_is_told_as_corrected(
    session: Session, reader: Clinician, waiting: Waiting, decided: Callable[..., Case]
) -> None:
    case, past = waiting(), decided()
    session.add(
        Review(
            case_id=past.id, clinician_id=reader.id, kind="amendment", verdict="override",
            decided_at=now() + timedelta(minutes=1), level="urgent", diagnosis="measles",
        )
    )  # fmt: skip
    session.commit()
    (found,) = earlier_cases(session, reader_of(session, reader.id), case)
    assert found.diagnosis == "measles"


def test_no_other_case_is_told(
    session: Session, reader: Clinician, waiting: Waiting, decided: Callable[..., Case]
) -> None:
    case = waiting()
    waiting(status="awaiting_review", blind=True)
    decided(patient_ref="another")
    decided(known=True)
    decided(platform=make_platform(session, "another platform"))
    decided(region="DE-BE")
    decided(language="fr")
    reader.regions, reader.languages = ["FR"], ["en"]
    session.commit()
    assert earlier_cases(session, reader_of(session, reader.id), case) == []


def test_only_the_newest_few_are_told(
    session: Session, reader: Clinician, waiting: Waiting, decided: Callable[..., Case]
) -> None:
    case = waiting()
    for _ in range(SHOWN + 1):
        decided()
    assert len(earlier_cases(session, reader_of(session, reader.id), case)) == SHOWN


def test_the_page_tells_earlier_cases_and_the_timeline(
    client: FlaskClient, session: Session, reader: Clinician, waiting: Waiting, decided: Callable[..., Case]
) -> None:
    client.set_cookie(SESSION_COOKIE, token_for(session, reader))
    waiting()
    decided("urgent", "measles")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/review/").text)[0]
    address = client.post("/review/claim", data={"csrf_token": token}).headers["Location"]
    text = client.get(address).text
    assert "1 earlier case of this patient" in text
    assert re.search(r'level-urgent">urgent</span> measles', text)
    assert re.search(r"Timeline.*accepted.*claimed", text, re.DOTALL)
    assert "It knows ten conditions" in text

"""A case can be taken back before it is decided: nobody works on it any more and it is not counted."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.counts import CountChange, change_counts
from db.ids import new_id
from db.models import Event, Review, SurveillanceCount
from tests.factories import make_clinician
from tests.intake.conftest import PlatformClient, Wakes
from tests.intake.rows import set_case, the_case


@pytest.mark.parametrize(
    "status", ["queued", "assessing", "awaiting_review", "in_review", "needs_retake", "failed"]
)
def test_an_undecided_case_is_cancelled(
    clinic: PlatformClient, session: Session, wakes: Wakes, status: str
) -> None:
    path = clinic.submit().json["links"]["self"]
    set_case(session, status=status, assess_state="leased", lease_token=new_id(), lease_owner="w")
    response = clinic.post(f"{path}/cancel")
    assert (response.status_code, response.json["status"]) == (200, "cancelled")
    case = the_case(session)
    assert (case.status, case.assess_state, case.lease_token, case.lease_owner) == (
        "cancelled", "none", None, None,
    )  # fmt: skip
    assert set(session.scalars(select(Event.type))) == {"case.accepted", "case.cancelled"}
    assert verify_chains(session) == []
    assert wakes.deliveries == 1
    assert clinic.get(path).json["status"] == "cancelled"


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_a_case_that_is_over_cannot_be_cancelled(
    clinic: PlatformClient, session: Session, status: str
) -> None:
    path = clinic.submit().json["links"]["self"]
    set_case(session, status=status)
    response = clinic.post(f"{path}/cancel")
    assert response.status_code == 409
    assert the_case(session).status == status
    assert session.scalars(select(Event.type)).all() == ["case.accepted"]


def test_its_counts_are_withdrawn(clinic: PlatformClient, session: Session) -> None:
    path = clinic.submit().json["links"]["self"]
    case = the_case(session)
    cells = [{"condition": "mpox", "status": "preliminary"}]
    change_counts(session, [CountChange(case.accepted_at, case.region, before=[], after=cells)] * 3)
    set_case(session, counted=cells)
    clinic.post(f"{path}/cancel")
    assert session.scalars(select(SurveillanceCount.count)).all() == [2]
    assert the_case(session).counted == []


def test_a_clinician_who_holds_it_loses_it(clinic: PlatformClient, session: Session) -> None:
    path = clinic.submit().json["links"]["self"]
    clinician = make_clinician(session)
    review = Review(case_id=the_case(session).id, clinician_id=clinician.id)
    session.add(review)
    session.flush()
    set_case(session, status="in_review", reviewer_id=clinician.id, review_token=review.id)
    clinic.post(f"{path}/cancel")
    session.refresh(review)
    assert review.released_at is not None
    assert (the_case(session).reviewer_id, the_case(session).review_token) == (None, None)

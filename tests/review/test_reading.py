"""What a clinician's program sees of the case that it holds, and that nothing of it is left afterwards."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import now
from db.image_store import ImageStore, content_hash
from db.models import Case, Event, Platform, Review
from dermtriage.local.drawing import Picture, draw_jpeg
from tests.factories import make_case, make_image
from tests.review.conftest import ApiClient, make_assessment

Waiting = Callable[..., Case]
Stored = Callable[[UUID], Case]


def test_the_holder_sees_the_whole_case(
    api: ApiClient, waiting: Waiting, session: Session, images: ImageStore
) -> None:
    case = waiting("mpox", "urgent", flags=["models_disagree"])
    data = draw_jpeg(Picture(1, 3, "pustule", 5))
    images.put(case.platform_id, content_hash(data), data)
    make_image(session, case, sha256=content_hash(data))
    claimed = api.claim()
    body = api.get(f"/v1/reviews/{claimed['id']}").json
    assert body == claimed
    assert (body["state"], body["verdict"]) == ("held", None)
    seen = body["case"]
    assert (seen["id"], seen["level"], seen["flags"]) == (str(case.id), "urgent", ["models_disagree"])
    assert seen["clinical"] == case.clinical
    assert seen["reasons"] == case.reasons
    ai = seen["ai_result"]
    assert ai["preliminary"] is True
    assert "not for clinical use" in ai["notice"]
    assert ai["findings"][0] == {"condition": "mpox", "probability": 0.82}
    assert (ai["explanation"], ai["late"]) == ("Several raised lesions of the hand.", False)
    assert ai["provenance"]["policy_version"] == "default-1"
    (photograph,) = seen["photographs"]
    answer = api.get(photograph["href"])
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", data)
    assert answer.headers["Cache-Control"] == "no-store"


def test_where_the_model_has_not_spoken_there_is_no_ai_result(
    api: ApiClient, session: Session, platform: Platform
) -> None:
    make_case(session, platform, review_from=now())
    assert api.claim()["case"]["ai_result"] is None


def test_the_ai_result_is_that_of_the_newest_photographs(
    api: ApiClient, session: Session, waiting: Waiting
) -> None:
    case = waiting("nev", "routine")
    case.round = 1
    session.commit()
    first = make_image(session, case, sha256="a" * 64, position=0)
    second = make_image(session, case, sha256="b" * 64, position=1)
    first.round, second.round = 0, 1
    session.commit()
    seen = api.claim()["case"]
    assert seen["ai_result"] is None
    assert [(photograph["n"], photograph["round"]) for photograph in seen["photographs"]] == [(1, 1), (0, 0)]
    make_assessment(session, case, "mpox", "urgent")
    assert api.claim(case.id)["case"]["ai_result"]["findings"][0]["condition"] == "mpox"


@pytest.mark.parametrize("end", ["release", "decision"])
def test_afterwards_only_the_own_verdict_is_seen(api: ApiClient, waiting: Waiting, end: str) -> None:
    waiting()
    address = f"/v1/reviews/{api.claim()['id']}"
    api.post(f"{address}/{end}", {"verdict": "confirm"})
    body = api.get(address).json
    assert body["state"] == {"release": "released", "decision": "decided"}[end]
    assert (body["case"], body["held_until"]) == (None, None)
    assert "itching" not in str(body)
    assert api.get(f"{address}/images/0").status_code == 409


def test_an_ended_lease_shows_no_more_of_the_case(
    api: ApiClient, waiting: Waiting, end_lease: Callable[[UUID], None]
) -> None:
    case = waiting()
    address = f"/v1/reviews/{api.claim()['id']}"
    end_lease(case.id)
    body = api.get(address).json
    assert (body["state"], body["case"]) == ("expired", None)


@pytest.mark.parametrize("address", ["/v1/reviews/not-an-id", "/v1/reviews/claim"])
def test_an_address_that_names_no_review_is_refused(api: ApiClient, address: str) -> None:
    answer = api.get(address)
    assert answer.status_code in (404, 405)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("n", [1, 32_768, 10**30])
def test_a_photograph_that_does_not_exist_is_not_found(api: ApiClient, waiting: Waiting, n: int) -> None:
    waiting()
    assert api.get(f"/v1/reviews/{api.claim()['id']}/images/{n}").status_code == 404


@pytest.mark.parametrize("table", ["events", "surveillance_counts", "audit_entries"])
def test_a_decision_is_wholly_there_or_not_at_all(
    api: ApiClient, waiting: Waiting, stored: Stored, session: Session, table: str
) -> None:
    """The database refuses one of the rows that a decision writes."""
    case = waiting("mpox", "urgent")
    review_id = api.claim()["id"]
    session.execute(
        text(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$"
        )
    )
    session.execute(text(f"CREATE TRIGGER t BEFORE INSERT ON {table} EXECUTE FUNCTION refuse()"))
    session.commit()
    assert api.decide(review_id, verdict="confirm").status_code == 500
    session.execute(text(f"DROP TRIGGER t ON {table}"))
    session.commit()
    assert stored(case.id).status == "in_review"
    assert stored(case.id).counted == [{"condition": "mpox", "status": "preliminary"}]
    assert session.scalars(select(Review.decided_at)).all() == [None]
    assert session.scalars(select(Event)).all() == []
    assert verify_chains(session) == []
    assert api.decide(review_id, verdict="confirm").status_code == 200

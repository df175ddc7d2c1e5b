"""A request that is sent twice has one effect and one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, IdempotencyKey
from tests.intake.conftest import PlatformClient, Wakes
from tests.intake.pictures import jpeg
from triage import example_clinical


def _cases(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Case)) or 0


def test_the_same_request_gets_the_same_answer_and_stores_one_case(
    clinic: PlatformClient, session: Session, wakes: Wakes
) -> None:
    first, again = clinic.submit(key="k"), clinic.submit(key="k")
    assert (again.status_code, again.data) == (202, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert _cases(session) == 1
    assert wakes.workers == 1


def test_the_order_of_the_json_does_not_make_another_request(
    clinic: PlatformClient, session: Session
) -> None:
    turned = dict(reversed(example_clinical().items()))
    assert clinic.submit(key="k").json["id"] == clinic.submit(turned, key="k").json["id"]


@pytest.mark.parametrize("change", ["clinical", "images", "order"])
def test_another_request_with_the_same_key_is_422(
    clinic: PlatformClient, session: Session, change: str
) -> None:
    clinic.submit(images=[jpeg(1), jpeg(2)], key="k")
    other = {
        "clinical": {"clinical": example_clinical("eye"), "images": [jpeg(1), jpeg(2)]},
        "images": {"images": [jpeg(1), jpeg(3)]},
        "order": {"images": [jpeg(2), jpeg(1)]},
    }[change]
    response = clinic.submit(key="k", **other)
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == "Idempotency-Key"
    assert _cases(session) == 1


def test_two_platforms_may_use_the_same_key(clinic: PlatformClient, stranger: PlatformClient) -> None:
    assert clinic.submit(key="k").json["id"] != stranger.submit(key="k").json["id"]


def test_a_request_whose_first_still_runs_is_409(clinic: PlatformClient, session: Session) -> None:
    name = f"{clinic.platform_id}/k"
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": name})
    response = clinic.submit(key="k")
    assert response.status_code == 409
    assert response.headers["Retry-After"] == "1"
    assert _cases(session) == 0
    session.rollback()
    assert clinic.submit(key="k").status_code == 202


def test_many_at_once_store_one_case(clinic: PlatformClient, session: Session) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: clinic.submit(key="k"), range(12)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 202}) == 1
    assert _cases(session) == 1


@pytest.mark.parametrize("key", [None, " ", "k" * 256, "two words", "é"])
def test_a_key_that_cannot_be_used_is_400(clinic: PlatformClient, session: Session, key: str | None) -> None:
    response = clinic.submit(key=key)
    assert response.status_code == 400
    assert response.json["errors"][0]["field"] == "Idempotency-Key"
    assert _cases(session) == 0


def test_a_key_older_than_seven_days_begins_anew(clinic: PlatformClient, session: Session) -> None:
    first = clinic.submit(key="k").json["id"]
    session.execute(update(IdempotencyKey).values(created_at=now() - timedelta(days=7, seconds=1)))
    session.commit()
    second = clinic.submit(key="k").json["id"]
    assert first != second
    assert session.scalars(select(IdempotencyKey.case_id)).one() != first
    assert clinic.submit(key="k").json["id"] == second

"""New photographs for a case that needs them begin a new round; at any other time they are refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.models import Image
from tests.intake.conftest import PlatformClient, Wakes
from tests.intake.pictures import jpeg
from tests.intake.rows import set_case, the_case


def _retake(clinic: PlatformClient, session: Session) -> str:
    path: str = clinic.submit(images=[jpeg(1), jpeg(2)]).json["links"]["self"]
    set_case(session, status="needs_retake", assess_state="done", attempts=2, batch_limit=1)
    return path


def test_new_photographs_queue_the_case_for_a_new_round(
    clinic: PlatformClient, session: Session, wakes: Wakes
) -> None:
    path = _retake(clinic, session)
    before = the_case(session)
    due, woken = before.due_at, wakes.workers
    response = clinic.submit(images=[jpeg(3)], path=f"{path}/images", case=None)
    assert (response.status_code, response.json["status"]) == (202, "queued")
    case = the_case(session)
    assert (case.status, case.assess_state, case.round) == ("queued", "waiting", 1)
    assert (case.attempts, case.batch_limit, case.due_at) == (0, 0, due)
    rows = session.scalars(select(Image).order_by(Image.position)).all()
    assert [(row.position, row.round) for row in rows] == [(0, 0), (1, 0), (2, 1)]
    assert verify_chains(session) == []
    assert wakes.workers == woken + 1
    assert [image["round"] for image in clinic.get(path).json["images"]] == [0, 0, 1]


@pytest.mark.parametrize("status", ["queued", "in_review", "completed", "cancelled"])
def test_they_are_refused_while_none_are_needed(
    clinic: PlatformClient,
    session: Session,
    stored_files: Callable[[], list[Path]],
    status: str,
) -> None:
    path = _retake(clinic, session)
    set_case(session, status=status)
    response = clinic.submit(images=[jpeg(3)], path=f"{path}/images", case=None)
    assert response.status_code == 409
    assert len(stored_files()) == 2
    assert the_case(session).round == 0


def test_sent_twice_they_begin_one_round(clinic: PlatformClient, session: Session) -> None:
    path = _retake(clinic, session)
    first = clinic.submit(images=[jpeg(3)], path=f"{path}/images", case=None, key="k")
    again = clinic.submit(images=[jpeg(3)], path=f"{path}/images", case=None, key="k")
    assert first.data == again.data
    assert the_case(session).round == 1


@pytest.mark.parametrize(
    ("sent", "field"), [([], "images"), ([b"no photograph"], "images[0]"), ([jpeg()] * 9, "images")]
)
def test_wrong_photographs_are_named(
    clinic: PlatformClient, session: Session, sent: list[bytes], field: str
) -> None:
    path = _retake(clinic, session)
    response = clinic.submit(images=sent, path=f"{path}/images", case=None)
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == field
    assert the_case(session).status == "needs_retake"


def test_clinical_information_has_no_place_here(clinic: PlatformClient, session: Session) -> None:
    path = _retake(clinic, session)
    response = clinic.submit(images=[jpeg(3)], path=f"{path}/images")
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "case")

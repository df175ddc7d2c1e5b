"""A case that is accepted is stored whole, with its rule floor, in one transaction; the workers are woken."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.models import AuditEntry, Case, Event, Image, Notice
from tests.factories import make_clinician
from tests.intake.conftest import PlatformClient, Wakes
from tests.intake.pictures import encoded, jpeg, jpeg_with_gps
from triage import example_clinical


def test_a_case_is_answered_202_with_its_address_level_and_reasons(clinic: PlatformClient) -> None:
    response = clinic.submit()
    assert response.status_code == 202
    body = response.json
    assert response.headers["Location"] == f"/v1/cases/{body['id']}" == body["links"]["self"]
    assert (body["status"], body["level"], body["preliminary"]) == ("queued", "routine", True)
    assert body["reasons"][0]["rule"] == "default.routine"
    assert "advice" not in body
    assert "not for clinical use" in body["notice"]


def test_the_case_stands_in_the_database_with_floor_audit_and_event(
    clinic: PlatformClient, session: Session
) -> None:
    body = clinic.submit(images=[jpeg(1), jpeg(2)]).json
    case = session.scalars(select(Case)).one()
    assert str(case.id) == body["id"]
    assert (case.status, case.assess_state, case.level, case.provisional_level) == (
        "queued", "waiting", "routine", "routine",
    )  # fmt: skip
    assert case.due_at == datetime.fromisoformat(body["due_at"])
    assert case.review_from - case.accepted_at == pytest.approx(
        (case.due_at - case.accepted_at) / 4, abs=timedelta(seconds=1)
    )
    assert case.clinical == example_clinical()
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.case_id, entry.actor) == (case.id, f"platform:{clinic.platform_id}")
    assert case.audit_head == entry.hash
    assert verify_chains(session) == []
    event = session.scalars(select(Event)).one()
    assert (event.type, event.payload) == (
        "case.accepted", {"case_id": body["id"], "level": "routine"},
    )  # fmt: skip


def test_the_photographs_lie_under_their_hash_in_the_platforms_folder(
    clinic: PlatformClient, session: Session, image_folder: Path
) -> None:
    clinic.submit(images=[jpeg(1), encoded(kind="PNG")])
    rows = session.scalars(select(Image).order_by(Image.position)).all()
    assert [row.content_type for row in rows] == ["image/jpeg", "image/png"]
    for row in rows:
        data = (image_folder / str(clinic.platform_id) / row.sha256[:2] / row.sha256).read_bytes()
        assert sha256(data).hexdigest() == row.sha256
        assert (row.size, row.width, row.height) == (len(data), 96, 64)


@pytest.mark.parametrize("flag", ["eye", "airway", "neurologic", "sepsis"])
def test_a_red_flag_is_an_emergency_at_once(
    clinic: PlatformClient, session: Session, wakes: Wakes, flag: str
) -> None:
    body = clinic.submit(example_clinical(flag)).json
    assert (body["level"], body["advice"]) == ("emergency", "emergency_care_now")
    assert f"red_flag.{flag}" in [reason["rule"] for reason in body["reasons"]]
    case = session.scalars(select(Case)).one()
    assert case.rank == 0
    assert case.due_at - case.accepted_at == timedelta(minutes=15)
    assert case.review_from == case.accepted_at
    assert set(session.scalars(select(Event.type))) == {"case.accepted", "case.emergency"}
    assert (wakes.workers, wakes.deliveries) == (1, 1)


def test_workers_are_woken_after_commit_and_deliveries_for_emergencies_only(
    clinic: PlatformClient, wakes: Wakes
) -> None:
    clinic.submit()
    assert (wakes.workers, wakes.deliveries) == (1, 0)


def test_a_photograph_with_gps_is_accepted_and_stored_without_exif_and_xmp(
    clinic: PlatformClient, session: Session, stored_files: Callable[[], list[Path]]
) -> None:
    sent = jpeg_with_gps(orientation=6)
    assert b"CanaryPhone" in sent
    assert clinic.submit(images=[sent]).status_code == 202
    (file,) = stored_files()
    data = file.read_bytes()
    for trace in (b"Exif", b"xmpmeta", b"canary", b"CanaryPhone", b"GPS"):
        assert trace not in data
    assert session.scalars(select(Image)).one().orientation == 6


def test_the_case_may_be_sent_as_a_file_part_too(clinic: PlatformClient) -> None:
    from io import BytesIO
    from json import dumps

    case = (BytesIO(dumps(example_clinical()).encode()), "case.json", "application/json")
    form = {"case": case, "images": [(BytesIO(jpeg()), "a.jpg")]}
    response = clinic.client.post("/v1/cases", data=form, headers=clinic.auth(**{"Idempotency-Key": "k"}))
    assert response.status_code == 202


def test_a_case_that_nobody_may_claim_is_told_to_the_administrators_at_once(
    clinic: PlatformClient, session: Session
) -> None:
    case_id = clinic.submit().json["id"]
    notice = session.scalars(select(Notice)).one()
    assert (notice.kind, notice.role, str(notice.case_id)) == ("unclaimable", "administrator", case_id)


def test_a_case_that_somebody_may_claim_is_told_to_nobody(clinic: PlatformClient, session: Session) -> None:
    make_clinician(session)
    clinic.submit()
    assert session.scalars(select(Notice)).all() == []

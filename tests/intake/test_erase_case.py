"""Erasure takes everything about the patient; the audit trail keeps that it was done, by whom and when."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.models import Assessment, AuditEntry, Case, IdempotencyKey, Image, Review
from tests.intake.conftest import PlatformClient
from tests.intake.pictures import jpeg
from tests.intake.rows import assess, decide, the_case


def test_all_that_was_said_of_the_patient_goes(
    clinic: PlatformClient, session: Session, stored_files: Callable[[], list[Path]]
) -> None:
    path = clinic.submit().json["links"]["self"]
    assess(session, the_case(session))
    decide(session, the_case(session))
    assert clinic.delete(path).status_code == 204
    for table in (Case, Image, Assessment, Review):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert stored_files() == []
    assert clinic.get(path).status_code == clinic.delete(path).status_code == 404


def test_the_audit_trail_stays_whole_and_says_who_erased(clinic: PlatformClient, session: Session) -> None:
    path = clinic.submit().json["links"]["self"]
    clinic.delete(path)
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [entry.action for entry in entries] == ["case.accepted", "case.erased"]
    assert entries[1].actor == f"platform:{clinic.platform_id}"
    assert (entries[1].old_status, entries[1].new_status) == ("queued", "queued")
    assert verify_chains(session) == []


def test_a_photograph_stays_until_the_last_case_that_refers_to_it(
    clinic: PlatformClient, stored_files: Callable[[], list[Path]]
) -> None:
    first = clinic.submit(images=[jpeg(1), jpeg(2)]).json["links"]["self"]
    second = clinic.submit(images=[jpeg(1)]).json["links"]["self"]
    assert len(stored_files()) == 2
    clinic.delete(first)
    assert len(stored_files()) == 1
    assert clinic.get(f"{second}/images/0").status_code == 200
    clinic.delete(second)
    assert stored_files() == []


def test_another_platforms_same_photograph_is_another_file(
    clinic: PlatformClient, stranger: PlatformClient, stored_files: Callable[[], list[Path]]
) -> None:
    path = clinic.submit().json["links"]["self"]
    theirs = stranger.submit().json["links"]["self"]
    assert len(stored_files()) == 2
    clinic.delete(path)
    assert len(stored_files()) == 1
    assert stranger.get(f"{theirs}/images/0").status_code == 200


def test_the_key_of_an_erased_case_answers_410_and_its_answer_is_gone(
    clinic: PlatformClient, session: Session
) -> None:
    path = clinic.submit(key="again").json["links"]["self"]
    clinic.delete(path)
    response = clinic.submit(key="again")
    assert response.status_code == 410
    assert response.json["errors"][0]["field"] == "Idempotency-Key"
    key = session.scalars(select(IdempotencyKey)).one()
    assert (key.response, key.request_sha256) == ({}, b"")
    assert session.scalar(select(func.count()).select_from(Case)) == 0

"""Nothing of a patient leaves the case: no log line, event, audit entry, file name or error holds it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, generate_latest
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from db.models import AuditEntry, Event, IdempotencyKey
from tests.intake.conftest import PlatformClient
from tests.intake.pictures import jpeg_with_gps
from tests.intake.rows import set_case
from triage import example_clinical

CANARY = "canary7Q4"


def clinical() -> dict[str, object]:
    return example_clinical("eye") | {
        "patient_ref": f"ref-{CANARY}",
        "free_text": f"I live in {CANARY} street",
        "capture_device": f"{CANARY} phone",
    }


def test_what_a_platform_says_of_a_patient_is_found_in_the_case_alone(
    clinic: PlatformClient,
    session: Session,
    stored_files: Callable[[], list[Path]],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    photograph = jpeg_with_gps().replace(b"canary comment", CANARY.encode() + b"-note")
    with capture_logs() as logs:
        path = clinic.submit(clinical(), images=[photograph]).json["links"]["self"]
        clinic.get(path), clinic.get("/v1/cases"), clinic.get(f"{path}/images/0")
        set_case(session, status="needs_retake")
        clinic.submit(images=[photograph], path=f"{path}/images", case=None)
        clinic.submit({**clinical(), CANARY: CANARY}, images=[photograph])
        clinic.submit(f'{{"{CANARY}": ')
        clinic.submit(clinical(), images=[CANARY.encode()])
        clinic.get(f"/v1/cases?status={CANARY}"), clinic.get(f"/v1/{CANARY}")
        clinic.post(f"{path}/cancel")
    printed = capfd.readouterr()
    seen = {
        "logs": json.dumps(logs, default=str) + caplog.text + printed.out + printed.err,
        "events": str([event.payload for event in session.scalars(select(Event))]),
        "audit": str([vars(entry) for entry in session.scalars(select(AuditEntry))]),
        "answers kept": str(session.scalars(select(IdempotencyKey.response)).all()),
        "file names": str(stored_files()),
        "files": str([file.read_bytes() for file in stored_files()]),
        "metrics": generate_latest(REGISTRY).decode(),
    }
    assert len(logs) >= 9
    assert [place for place, text in seen.items() if CANARY in text] == []
    assert clinic.delete(path).status_code == 204


def test_an_unexpected_error_tells_its_kind_and_place_only(
    clinic: PlatformClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"about {CANARY}")

    monkeypatch.setattr("intake.acceptance.put_again", fail)
    with capture_logs() as logs:
        response = clinic.submit(clinical())
    assert response.status_code == 500
    assert CANARY not in response.text + json.dumps(logs, default=str)
    assert any(line.get("error") == "RuntimeError" for line in logs)


def test_a_failure_before_commit_leaves_nothing_behind(
    clinic: PlatformClient,
    session: Session,
    stored_files: Callable[[], list[Path]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("intake.acceptance.put_again", fail)
    assert clinic.submit(key="k").status_code == 500
    assert stored_files() == []
    assert session.scalars(select(AuditEntry)).all() == []
    monkeypatch.undo()
    assert clinic.submit(key="k").status_code == 202

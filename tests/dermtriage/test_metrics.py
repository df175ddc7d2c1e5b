"""`/metrics`: the queues as they stand in SQL, the processes' own counts, and no label that names anybody."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.ids import now
from dermtriage.observability import queue_figures
from dermtriage.observability.metrics_folder import remove_files_of_ended_processes
from dermtriage.observability.queue_collector import LEVELS
from tests.applications import whole_application
from tests.factories import make_case, make_clinician, make_platform
from triage import RANK

LABELS = {"level", "stage", "outcome", "reason", "sweep", "le", "generation", "implementation"} | {
    "major", "minor", "patchlevel", "version",
    # `active` or `shadow`, and the beginning of a weights hash: they follow from the model's files alone.
    "model", "revision",
}  # fmt: skip


@pytest.fixture
def client(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    with whole_application(database_url, tmp_path, monkeypatch) as app:
        yield app.test_client()


def _samples(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        sample.name + (f":{sample.labels['level']}" if "level" in sample.labels else ""): sample.value
        for family in families
        for sample in family.samples
    }


def test_it_tells_depth_and_age_of_both_queues_by_level(client: FlaskClient, session: Session) -> None:
    platform = make_platform(session)
    hour_ago = now() - timedelta(hours=1)
    make_case(session, platform, level="emergency", accepted_at=hour_ago)
    make_case(session, platform, level="emergency")
    make_case(session, platform, level="routine", status="awaiting_review", assess_state="done")
    make_case(session, platform, level="urgent", status="failed", assess_state="failed", due_at=hour_ago)
    make_case(
        session,
        platform,
        status="in_review",
        assess_state="leased",
        reviewer_id=make_clinician(session).id,
        review_until=now(),
        lease_until=now(),
        due_at=hour_ago,
    )
    make_case(session, platform, status="completed", assess_state="done", due_at=hour_ago)

    found = _samples(client)

    assert found["dermtriage_queue_cases:emergency"] == 2
    assert found["dermtriage_queue_cases:routine"] == 0
    assert found["dermtriage_queue_oldest_seconds:emergency"] == pytest.approx(3600, abs=60)
    assert found["dermtriage_queue_oldest_seconds:routine"] == 0
    assert found["dermtriage_review_cases:routine"] == 1
    assert found["dermtriage_review_cases:urgent"] == 1
    assert found["dermtriage_overdue_cases:urgent"] == 1
    assert found["dermtriage_overdue_cases:routine"] == 1
    assert found["dermtriage_in_review_cases"] == 1
    assert found["dermtriage_assessing_cases"] == 1
    assert found["dermtriage_model_paused"] == 0
    assert found["dermtriage_queue_figures_up"] == 1


def test_each_rank_of_the_queue_has_its_level() -> None:
    assert [RANK[level] for level in LEVELS] == sorted(set(RANK.values()))


@pytest.mark.parametrize("statement", [queue_figures.BY_RANK, queue_figures.SINGLE])
def test_no_figure_reads_all_cases(session: Session, statement: object) -> None:
    queue_figures.read_queue_figures(session)  # its settings last until the transaction ends
    plan = "\n".join(session.scalars(text(f"EXPLAIN {statement}")))
    assert "ix_cases_" in plan
    assert "Seq Scan on cases" not in plan


def test_without_database_the_scrape_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    with whole_application(nowhere, tmp_path, monkeypatch) as app:
        found = _samples(app.test_client())
    assert found["dermtriage_queue_figures_up"] == 0
    assert "dermtriage_in_review_cases" not in found


def test_a_token_can_be_asked_for(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with whole_application(database_url, tmp_path, monkeypatch, METRICS_TOKEN="s3cret") as app:
        client = app.test_client()
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/metrics", headers={"Authorization": "Bearer s3cret"}).status_code == 200


def test_labels_are_a_few_known_words(client: FlaskClient, session: Session) -> None:
    make_case(session, make_platform(session, "name-of-a-platform"), patient_ref="canary-4711")
    page = client.get("/metrics").text
    labels = {
        label
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        for label in sample.labels
    }
    assert labels <= LABELS
    assert "canary-4711" not in page
    assert "name-of-a-platform" not in page


def test_processes_share_what_they_counted_in_a_folder(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "metrics"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    counted = (
        "from dermtriage.observability import prepare_metrics_folder; prepare_metrics_folder();"
        "from worker.metrics import stage_seconds, cases;"
        "stage_seconds.labels('compute').observe(0.5); cases.labels('assessed').inc(3)"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", counted], check=True, env=dict(os.environ))
    with whole_application(database_url, tmp_path / "images", monkeypatch) as app:
        found = _samples(app.test_client())
        assert found["dermtriage_stage_seconds_count"] == 2
        assert found["dermtriage_cases_total"] == 6
        assert found["dermtriage_in_review_cases"] == 0

        remove_files_of_ended_processes()
        assert list(folder.glob("*.db")) == []
        assert "dermtriage_cases_total" not in _samples(app.test_client())

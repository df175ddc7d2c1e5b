"""A worker that starts or dies while it changes over: what it does without a model, who reads meanwhile."""

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.ids import now
from db.image_store import ImageStore
from db.model_control import activate, put_on_trial, set_paused
from db.model_workers import running
from db.models import Assessment, Case, Event, ModelControl, ModelVersion, ModelWorker, ShadowAssessment
from db.review_queue import claimable
from db.session import SessionFactory
from tests.worker.conftest import MakePipeline, PlaceCase
from tests.worker.processes import StartWorker, count, wait_for, wait_until
from triage import load_policy
from vlm import load
from vlm.loading import BUNDLED
from worker.making import Surroundings
from worker.model_watch import ModelWatch
from worker.settings import WorkerSettings


def want(session: Session, ref: str) -> None:
    activate(session, ref, None)
    session.commit()


def only_worker(session: Session) -> ModelWorker | None:
    session.rollback()
    return next(iter(running(session)), None)


def fault(session: Session) -> str:
    worker = only_worker(session)
    return (worker and worker.fault) or ""


def test_a_worker_killed_while_it_loads_holds_nothing_and_the_next_starts_with_the_new_model(
    session: Session, place_case: PlaceCase, start_worker: StartWorker, log: Path
) -> None:
    for n in range(20):
        place_case(seed=n)
    process = start_worker("simulated:batch_ms=300", WORKER_BATCH_SIZE="2")
    wait_until(lambda: count(session, Assessment.id.is_not(None)) > 0)
    want(session, slow := "simulated:load_ms=2000")
    wait_until(lambda: b"model_exchange" in log.read_bytes())
    # It finished what was in hand before it began to load.
    assert count(session, Case.assess_state == "leased") == 0
    process.kill()
    process.wait()
    assert log.read_bytes().count(b"model_ready") == 1
    left = count(session, Case.assess_state == "waiting")
    assert left > 0
    start_worker("simulated")
    wait_for(session, awaiting_review=20)
    assert count(session, Event.type == "case.assessed") == count(session, Assessment.id.is_not(None)) == 20
    newest = select(ModelVersion.ref).join(Assessment).order_by(Assessment.id.desc()).limit(left)
    assert session.scalars(newest).all() == [slow] * left


def test_while_the_wanted_model_cannot_be_loaded_no_other_reads_and_cases_reach_clinicians(
    session: Session, place_case: PlaceCase, start_worker: StartWorker
) -> None:
    want(session, "no-such-folder")
    waits = place_case()
    start_worker("simulated")
    wait_until(lambda: fault(session))
    assert "active model: 'no-such-folder' is no model" in fault(session)
    worker = only_worker(session)
    assert worker is not None
    assert worker.revision == ""
    assert count(session, Case.assess_state == "waiting") == 1

    def is_claimable(after: timedelta) -> bool:
        return bool(count(session, Case.id == waits.id, claimable(now() + after)))

    # After a quarter of its target, or at once when the operator pauses.
    assert [is_claimable(timedelta(hours=hours)) for hours in (0, 6.1)] == [False, True]
    set_paused(session, True)
    session.commit()
    assert is_claimable(timedelta(0))

    set_paused(session, False)
    want(session, "simulated:case_ms=1")
    wait_for(session, awaiting_review=1)
    assert fault(session) == ""


def test_it_tries_again_to_load_the_wanted_model(
    session: Session, sessions: SessionFactory, store: ImageStore, place_case: PlaceCase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("worker.active.TRY_AGAIN_SECONDS", 0.0)
    activate(session, model := "simulated", "0" * 64)
    session.commit()
    around, stopping = Surroundings(sessions, store, load_policy(), WorkerSettings()), threading.Event()
    watch = ModelWatch(around, ["assess"], stopping, on_broken=lambda _: None)
    assert "not those that were chosen" in fault(session)
    place_case()
    watch.drain()
    assert count(session, Case.assess_state == "waiting") == 1
    # As if the right files were put back: nobody activates anything.
    session.execute(update(ModelControl).values(active_revision=load(model).revision))
    session.commit()
    watch.follow()
    assert fault(session) == ""
    wait_until(lambda: count(session, Case.assess_state == "done") == 1)
    stopping.set()
    assert watch.drain.wait_idle(10)


def test_a_real_worker_changes_from_the_bundled_model_to_one_in_a_folder(
    session: Session, place_case: PlaceCase, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("bundled", WORKER_DEVICE="cpu")
    first = place_case(seed=1).id
    # Of a small drawn picture it may ask for a new one: that is a result too.
    wait_until(lambda: count(session, Assessment.id.is_not(None)) == 1, seconds=120)
    folder = shutil.copytree(BUNDLED, tmp_path / "copy")
    want(session, str(folder))
    wait_until(lambda: (worker := only_worker(session)) and worker.ref == str(folder), seconds=120)
    second = place_case(seed=1).id
    wait_until(lambda: count(session, Assessment.id.is_not(None)) == 2)
    read = {row.case_id: row for row in session.scalars(select(Assessment))}
    assert session.get_one(ModelVersion, read[first].model_version_id).ref == "bundled"
    assert session.get_one(ModelVersion, read[second].model_version_id).ref == str(folder)
    assert read[first].findings == read[second].findings
    assert read[first].explanation == read[second].explanation


def test_a_worker_for_trials_only_reads_no_case_in_earnest(
    session: Session, place_case: PlaceCase, start_worker: StartWorker, make_pipeline: MakePipeline
) -> None:
    put_on_trial(session, "simulated:case_ms=1", None)
    session.commit()
    start_worker("simulated", "--queues", "shadow")
    wait_until(lambda: (worker := only_worker(session)) and worker.shadow_revision)
    tried = place_case().id
    make_pipeline("simulated").run()
    waits = place_case().id
    wait_until(lambda: count(session, ShadowAssessment.error.is_(None)) == 1)
    assert count(session, ShadowAssessment.case_id == tried) == 1
    assert count(session, Case.id == waits, Case.assess_state == "waiting") == 1

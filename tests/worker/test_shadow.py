"""A model on trial reads what was assessed and touches nothing but its own rows."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from db.image_store import ImageStore
from db.model_control import put_on_trial, wanted
from db.models import Base, Case, ShadowAssessment
from db.session import SessionFactory
from tests.worker.conftest import MakePipeline, PlaceCase
from triage import load_policy
from vlm import Model, load
from worker import compute
from worker.batches import Batch, Result
from worker.making import Surroundings
from worker.nameplate import Nameplate
from worker.settings import WorkerSettings
from worker.shadow import Shadow

TRIED = "simulated:case_ms=1,raise_on=RAISES"


@pytest.fixture
def around(sessions: SessionFactory, store: ImageStore) -> Surroundings:
    return Surroundings(sessions, store, load_policy(), WorkerSettings())


def shadow(around: Surroundings, owner: str = "tries") -> Shadow:
    found = Shadow(around, Nameplate(around.sessions, owner), [threading.Event()])
    with around.sessions.begin() as session:
        found.follow(wanted(session))
    return found


def on_trial(session: Session, ref: str, revision: str | None = None) -> None:
    put_on_trial(session, ref, revision)
    session.commit()


def everything_else(session: Session) -> dict[str, list[Any]]:
    session.rollback()
    left_out = {"shadow_assessments", "model_versions", "model_workers"}
    return {
        name: sorted(map(repr, session.execute(text(f"SELECT * FROM {name}"))))
        for name in Base.metadata.tables
        if name not in left_out
    }


def test_it_reads_each_assessed_case_once_and_changes_nothing_else(
    session: Session, around: Surroundings, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    on_trial(session, TRIED, load(TRIED).revision)
    for n in range(9):
        place_case(seed=n)
    place_case(free_text="RAISES")
    make_pipeline("simulated").run()
    before = everything_else(session)
    one, other = shadow(around, "one"), shadow(around, "other")
    while one.assess_some() | other.assess_some():
        pass
    assert everything_else(session) == before
    rows = session.query(ShadowAssessment).all()
    assert len(rows) == len({row.case_id for row in rows}) == 10
    assert [row.error for row in rows if row.error] == ["SimulatedFault"]
    assert all(row.level and row.findings and row.explanation for row in rows if not row.error)


def watched(monkeypatch: pytest.MonkeyPatch, sees: Callable[[Batch], object]) -> None:
    """Let a test see what is shown to models on trial while they read it."""
    assess = compute.assess

    def look_and_assess(model: Model, batch: Batch) -> Result:
        sees(batch)
        return assess(model, batch)

    monkeypatch.setattr(compute, "assess", look_and_assess)


def test_three_that_try_at_the_same_time_show_no_case_twice(
    session: Session, around: Surroundings, place_case: PlaceCase, make_pipeline: MakePipeline,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    on_trial(session, "simulated:batch_ms=5")
    for n in range(30):
        place_case(seed=n % 5)
    make_pipeline("simulated").run()
    shown: list[UUID] = []
    watched(monkeypatch, lambda batch: shown.extend(one.case_id for one in batch.shown))
    begin = threading.Barrier(3)

    def read_all(one: Shadow) -> None:
        begin.wait()
        while one.assess_some():
            pass

    threads = [threading.Thread(target=read_all, args=(shadow(around, f"worker-{n}"),)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shown) == len(set(shown)) == 30
    assert session.query(ShadowAssessment).filter_by(error=None).count() == 30


def test_an_erased_case_leaves_nothing_behind_even_when_it_was_just_being_read(
    session: Session, around: Surroundings, place_case: PlaceCase, make_pipeline: MakePipeline,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    on_trial(session, TRIED)
    kept, erased = place_case(seed=1).id, place_case(seed=2).id
    make_pipeline("simulated").run()

    def erase(_: object = None) -> None:
        session.execute(delete(Case).where(Case.id == erased))
        session.commit()

    watched(monkeypatch, erase)
    assert shadow(around).assess_some()
    assert [row.case_id for row in session.query(ShadowAssessment)] == [kept]


def test_what_was_assessed_before_the_trial_is_not_read(
    session: Session, around: Surroundings, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    place_case()
    make_pipeline("simulated").run()
    on_trial(session, TRIED)
    assert not shadow(around).assess_some()


def test_a_model_that_cannot_be_tried_is_a_fault_and_no_error(session: Session, around: Surroundings) -> None:
    on_trial(session, "no-such-folder")
    found = shadow(around)
    assert not found.assess_some()
    fault = session.scalar(text("SELECT fault FROM model_workers"))
    assert "shadow model: 'no-such-folder' is no model" in fault

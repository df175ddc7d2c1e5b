"""What dies, freezes, raises or is missing costs no other case its result, and no case its place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.ids import now
from db.models import Assessment, Case, Event
from db.queue import claim
from db.session import SessionFactory
from tests.worker.conftest import MakePipeline, PlaceCase
from triage import Findings, load_policy
from vlm import Presentation
from vlm.simulated import SimulatedModel, SimulatedOptions
from worker.pipeline import Pipeline
from worker.self_test import ModelBroken
from worker.sweeps import Sweeps


@pytest.fixture
def wake_ups() -> list[str]:
    return []


@pytest.fixture
def sweeps(sessions: SessionFactory, wake_ups: list[str]) -> Sweeps:
    return Sweeps(sessions, load_policy(), 3, lambda: wake_ups.append("there is work"))


def lose(sessions: SessionFactory, size: int = 16) -> int:
    """A worker claims and is never heard of again; how many cases it took."""
    with sessions.begin() as session:
        claimed = claim(session, owner="dead", size=size, lease=timedelta(seconds=-1))
    return len(claimed.cases) if claimed else 0


def statuses(session: Session) -> dict[str, int]:
    rows = session.execute(select(Case.status, func.count()).group_by(Case.status))
    return {row.status: row[1] for row in rows}


def test_a_case_that_raises_takes_no_other_with_it(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    for n in range(9):
        place_case(seed=n)
    poison = place_case(free_text="a POISON note")
    make_pipeline().run()
    session.refresh(poison)
    assert statuses(session) == {"awaiting_review": 9, "failed": 1}
    assert (poison.assess_state, poison.attempts) == ("failed", 3)
    assert verify_chains(session) == []


def test_a_failed_case_is_visible_to_clinicians_and_raised_to_priority(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    accepted = now() - timedelta(hours=2)
    poison = place_case(free_text="POISON", level="routine", accepted_at=accepted)
    make_pipeline().run()
    session.refresh(poison)
    assert (poison.level, poison.rank, poison.status) == ("priority", 2, "failed")
    assert poison.due_at == accepted + timedelta(hours=24)
    assert poison.flags == ["no_ai_result"]
    assert {reason["rule"] for reason in poison.reasons} == {"default.routine", "no_ai_result"}
    event = session.scalars(select(Event)).one()
    assert (event.type, event.payload["level"]) == ("case.failed", "priority")
    assert session.scalars(select(Assessment)).all() == []


def test_a_failed_emergency_stays_an_emergency(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    poison = place_case(free_text="POISON", level="emergency")
    make_pipeline().run()
    session.refresh(poison)
    assert (poison.level, poison.status) == ("emergency", "failed")


def test_a_case_that_fails_while_a_clinician_holds_it_stays_with_the_clinician(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    poison = place_case(free_text="POISON", status="in_review")
    make_pipeline().run()
    session.refresh(poison)
    assert (poison.status, poison.assess_state) == ("in_review", "failed")


def test_a_missing_photograph_fails_its_own_case_only(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    place_case(seed=1)
    missing = place_case(seed=2, stored=False)
    make_pipeline().run()
    session.refresh(missing)
    assert statuses(session) == {"awaiting_review": 1, "failed": 1}
    assert missing.status == "failed"


def test_cases_of_a_lost_batch_come_back_in_half_the_company_without_an_attempt(
    session: Session, sessions: SessionFactory, place_case: PlaceCase, sweeps: Sweeps, wake_ups: list[str]
) -> None:
    for _ in range(5):
        place_case()
    assert lose(sessions) == 5
    assert sweeps.return_ended_leases() == 5
    rows = session.execute(select(Case.status, Case.assess_state, Case.batch_limit, Case.attempts)).all()
    assert set(rows) == {("queued", "waiting", 2, 0)}
    assert wake_ups == ["there is work"]
    assert sweeps.return_ended_leases() == 0


def test_a_case_that_was_lost_alone_three_times_fails(
    session: Session, sessions: SessionFactory, place_case: PlaceCase, sweeps: Sweeps
) -> None:
    case = place_case(batch_limit=1)
    for attempt in (1, 2):
        assert lose(sessions) == 1
        sweeps.return_ended_leases()
        session.refresh(case)
        assert (case.attempts, case.batch_limit, case.status) == (attempt, 1, "queued")
    lose(sessions)
    sweeps.return_ended_leases()
    session.refresh(case)
    assert (case.attempts, case.assess_state, case.status, case.level) == (3, "failed", "failed", "priority")
    assert session.scalars(select(Event.type)).all() == ["case.failed"]


def test_a_lease_that_has_not_ended_is_left_alone(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline, sweeps: Sweeps
) -> None:
    place_case()
    pipeline = make_pipeline()
    assert pipeline.load()
    assert sweeps.return_ended_leases() == 0


def test_a_frozen_worker_that_comes_back_writes_nothing_twice(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline, sweeps: Sweeps
) -> None:
    place_case(seed=1), place_case(seed=2)
    frozen = make_pipeline(owner="frozen", lease=0.01)
    batch = frozen.load()
    assert batch
    session.execute(update(Case).values(lease_until=now() - timedelta(seconds=1)))
    session.commit()
    assert sweeps.return_ended_leases() == 2
    make_pipeline(owner="other").run()
    frozen.leases.beat()
    frozen.commit(frozen.compute(batch))
    assert session.scalar(select(func.count()).select_from(Assessment)) == 2
    assert session.scalar(select(func.count()).where(Event.type == "case.assessed")) == 2


def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_not_begun(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case(batch_limit=4)
    pipeline = make_pipeline()
    batch = pipeline.load()
    assert batch
    pipeline.stopping.set()
    pipeline.commit(pipeline.compute(batch))
    session.refresh(case)
    assert (case.status, case.assess_state, case.attempts, case.batch_limit) == ("queued", "waiting", 0, 4)
    assert pipeline.load() is None


def test_an_image_store_that_is_away_costs_no_case_an_attempt(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case()
    pipeline = make_pipeline()
    away(pipeline)
    with pytest.raises(ConnectionError):
        pipeline.run()
    session.refresh(case)
    assert (case.status, case.assess_state, case.attempts) == ("queued", "waiting", 0)


class AwayFileSystem:
    """A file system over a network that is down."""

    def cat_file(self, path: str) -> bytes:
        raise ConnectionError("no route to host")


def away(pipeline: Pipeline) -> None:
    pipeline.loader.store.fs = AwayFileSystem()


class BreakingModel(SimulatedModel):
    """A model whose device goes into an error state after its first calls."""

    def __init__(self, sound_calls: int) -> None:
        super().__init__(SimulatedOptions())
        self.sound_calls = sound_calls

    def assess(self, presentations: Sequence[Presentation]) -> list[Findings]:
        self.sound_calls -= 1
        if self.sound_calls < 0:
            raise RuntimeError("device-side assert triggered")
        return super().assess(presentations)


@pytest.mark.parametrize("overlap", [True, False])
def test_a_broken_model_is_blamed_on_no_case_and_nothing_stays_in_hand(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline, overlap: bool
) -> None:
    for n in range(9):
        place_case(seed=n)
    pipeline = replace(make_pipeline(batch_size=2, overlap=overlap), model=BreakingModel(sound_calls=2))
    with pytest.raises(ModelBroken):
        pipeline.run()
    assert statuses(session) == {"awaiting_review": 4, "queued": 5}
    rows = session.execute(select(Case.assess_state, Case.attempts, Case.batch_limit)).all()
    assert set(rows) == {("done", 0, 0), ("waiting", 0, 0)}
    assert pipeline.leases.held() == []

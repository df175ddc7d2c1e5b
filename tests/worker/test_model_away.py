"""A model's server that is away costs no case an attempt; a case that takes it away each time is found."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Assessment, Case
from tests.vlm.remote.conftest import quick
from tests.vlm.remote.server import refuses, serving
from tests.worker.conftest import MakePipeline, PlaceCase
from triage import Findings
from vlm import Model, Presentation, RemoteUnavailable, load
from vlm.model import Provenance
from worker import self_test
from worker.drain import Drain
from worker.pipeline import Pipeline
from worker.self_test import ModelBroken


@dataclass
class Served:
    """A model behind a server that is up or away, and that `CRASH` in a free text takes away."""

    up: bool = True
    permanent: bool = False
    restarts_at_once: bool = False
    asked: list[list[str]] = field(default_factory=list)
    model: Model = field(default_factory=lambda: load("simulated:batch_ms=0,case_ms=0"))
    device: str = "remote"

    @property
    def provenance(self) -> Provenance:
        return self.model.provenance

    @property
    def revision(self) -> str:
        return self.model.revision

    def assess(self, presentations: Sequence[Presentation]) -> list[Findings]:
        texts = [shown.clinical.free_text for shown in presentations]
        if self.up:
            self.asked.append(texts)
        crashed = "CRASH" in texts
        self.up = self.up and (not crashed or self.restarts_at_once)
        if not self.up or crashed:
            raise RemoteUnavailable("http://host/v1: connection failed", permanent=self.permanent)
        return self.model.assess(presentations)


def around(pipeline: Pipeline, served: Served) -> Pipeline:
    return replace(pipeline, model=served)


def state_of(session: Session, case: Case) -> tuple[str, str, int, int]:
    session.refresh(case)
    return case.status, case.assess_state, case.attempts, case.batch_limit


def assessments(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Assessment)) or 0


@pytest.mark.parametrize("overlap", [False, True])
def test_while_the_server_is_away_cases_wait_and_none_is_claimed_again(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline, overlap: bool
) -> None:
    cases = [place_case(seed=n) for n in range(6)]
    served = Served(up=False)
    pipeline = around(make_pipeline(batch_size=4, overlap=overlap), served)
    for _ in range(9):
        with pytest.raises(RemoteUnavailable):
            pipeline.run()
    states = [state_of(session, case) for case in cases]
    assert states[:4] == [("queued", "waiting", 0, 2)] * 4
    assert states[4:] == [("queued", "waiting", 0, 0)] * 2
    assert pipeline.leases.held() == []
    served.up = True
    pipeline.run()
    assert [state_of(session, case)[1] for case in cases] == ["done"] * 6
    assert assessments(session) == 6


def test_a_drain_ends_quietly_and_a_later_one_reads_what_waits(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    case = place_case()
    served = Served(up=False)
    drain = Drain(around(make_pipeline(), served).run, threading.Event())
    drain()
    assert state_of(session, case)[:2] == ("queued", "waiting")
    assert "model_away" in capsys.readouterr().out
    served.up = True
    drain()
    assert state_of(session, case)[1] == "done"


@pytest.mark.parametrize("overlap", [False, True])
def test_a_case_that_ends_the_server_each_time_is_left_to_clinicians_and_no_other_is(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline, overlap: bool
) -> None:
    cases = [place_case(seed=n, free_text="CRASH" if n == 3 else "") for n in range(8)]
    served = Served()
    pipeline = around(make_pipeline(batch_size=8, overlap=overlap), served)
    crashes = 0
    for _ in range(20):
        try:
            pipeline.run()
            break
        except RemoteUnavailable:
            crashes += 1
            served.up = True
    states = [state_of(session, case) for case in cases]
    assert states[3][:3] == ("failed", "failed", 3)
    assert [state[1] for state in states[:3] + states[4:]] == ["done"] * 7
    assert [state[2] for state in states[:3] + states[4:]] == [0] * 7
    # Eight, four and two together, once alone by chance or after company, then three attempts.
    assert crashes <= 7
    assert assessments(session) == 7


def test_a_case_that_only_fails_itself_on_a_server_that_goes_on_is_found_by_halves(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    cases = [place_case(seed=n, free_text="CRASH" if n == 3 else "") for n in range(8)]
    around(make_pipeline(batch_size=8), Served(restarts_at_once=True)).run()
    states = [state_of(session, case) for case in cases]
    assert states[3][:3] == ("failed", "failed", 3)
    assert [state[1:3] for state in states[:3] + states[4:]] == [("done", 0)] * 7


def test_a_server_that_refuses_even_a_plain_picture_for_good_breaks_the_model(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    case = place_case()
    served = Served(up=False, permanent=True)
    with pytest.raises(ModelBroken):
        around(make_pipeline(), served).run()
    assert state_of(session, case) == ("queued", "waiting", 0, 0)
    with pytest.raises(ModelBroken):
        self_test.check(served)


def test_a_real_server_that_comes_back_reads_what_waited(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    cases = [place_case(seed=n) for n in range(2)]
    with serving() as server:
        model = quick(server.ref, vlm_remote_attempts=1)
        pipeline = replace(make_pipeline(), model=model)
        server.faults.extend([refuses(503)] * 1000)
        for _ in range(3):
            with pytest.raises(RemoteUnavailable, match="status 503"):
                pipeline.run()
        assert [state_of(session, case) for case in cases] == [("queued", "waiting", 0, 1)] * 2
        server.faults.clear()
        pipeline.run()
    assert assessments(session) == 2
    assert [state_of(session, case)[2] for case in cases] == [0, 0]

"""Another model takes over while cases wait: none is lost or read twice, and a broken one changes nothing."""

import signal
import subprocess

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.model_control import activate, wanted
from db.model_workers import running
from db.models import Assessment, Case, Event, ModelVersion
from dermtriage.cli import group
from tests.worker.conftest import PlaceCase
from tests.worker.test_process import (  # noqa: F401 - fixtures
    StartWorker,
    count,
    log,
    start_worker,
    wait_for,
    wait_until,
)
from vlm import load

OLD, NEW = "simulated:batch_ms=100", "simulated:batch_ms=101"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str, redis_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BROKER_URL", redis_url)
    monkeypatch.setenv("IMAGE_STORE_URL", "memory://commands")


def models(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["models", *arguments])


def serving(session: Session) -> list[str]:
    session.rollback()
    return [worker.revision for worker in running(session) if worker.revision]


def test_two_workers_change_over_in_the_midst_of_a_queue_and_each_case_is_read_once(
    session: Session,
    place_case: PlaceCase,
    start_worker: StartWorker,  # noqa: F811
) -> None:
    for n in range(200):
        place_case(seed=n % 5)
    start_worker(OLD, WORKER_BATCH_SIZE="2"), start_worker(OLD, WORKER_BATCH_SIZE="2")
    wait_until(lambda: len(serving(session)) == 2)
    result = models("activate", NEW)
    assert result.exit_code == 0, result.output
    assert serving(session) == [load(NEW).revision] * 2
    assert count(session, Case.assess_state == "waiting") > 0
    wait_for(session, awaiting_review=200)
    assert count(session, Event.type == "case.assessed") == 200
    rows = session.execute(select(ModelVersion.ref, func.count()).join(Assessment).group_by(ModelVersion.ref))
    by_model = {row[0]: row[1] for row in rows}
    assert set(by_model) == {OLD, NEW}
    assert sum(by_model.values()) == 200
    last = select(ModelVersion.ref).join(Assessment).order_by(Assessment.id.desc()).limit(10)
    assert set(session.scalars(last)) == {NEW}

    assert models("activate", "--default").exit_code == 0
    assert serving(session) == [load(OLD).revision] * 2


def test_a_broken_model_is_refused_before_a_worker_hears_of_it(session: Session) -> None:
    result = models("activate", "no-such-folder")
    assert result.exit_code != 0
    assert wanted(session).active.since is None


def test_a_worker_that_cannot_load_it_keeps_its_model_says_so_and_goes_on(
    session: Session,
    place_case: PlaceCase,
    start_worker: StartWorker,  # noqa: F811
) -> None:
    start_worker(OLD)
    wait_until(lambda: serving(session))
    result = models("activate", "no-such-folder", "--skip-check", "--timeout", "30")
    assert result.exit_code == 1, result.output
    assert "(fault)" in result.output
    assert serving(session) == [load(OLD).revision]
    place_case()
    wait_for(session, awaiting_review=1)


def test_weights_that_changed_since_activation_are_a_fault_and_not_loaded(
    session: Session,
    start_worker: StartWorker,  # noqa: F811
) -> None:
    start_worker(OLD)
    wait_until(lambda: serving(session))
    activate(session, NEW, "0" * 64)
    session.commit()
    wait_until(lambda: any(worker.fault for worker in running(session)) or session.rollback())
    (worker,) = running(session)
    assert "not those that were chosen" in (worker.fault or "")
    assert worker.revision == load(OLD).revision


def test_a_worker_killed_while_it_changes_over_holds_nothing_and_the_next_starts_with_the_new_model(
    session: Session,
    place_case: PlaceCase,
    start_worker: StartWorker,  # noqa: F811
) -> None:
    for n in range(20):
        place_case(seed=n)
    process: subprocess.Popen[bytes] = start_worker("simulated:batch_ms=300", WORKER_BATCH_SIZE="2")
    wait_until(lambda: serving(session))
    # The new model's self-test takes two seconds: time to die in it.
    slow = "simulated:batch_ms=2000"
    assert models("activate", slow, "--skip-check", "--no-wait").exit_code == 0
    wait_until(lambda: count(session, Case.assess_state == "leased") == 0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    start_worker("simulated", WORKER_BATCH_SIZE="16")
    wait_for(session, awaiting_review=20)
    assert count(session, Event.type == "case.assessed") == 20
    last = select(ModelVersion.ref).join(Assessment).order_by(Assessment.id.desc()).limit(1)
    assert session.scalar(last) == slow

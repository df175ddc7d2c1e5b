"""Two workers in service, and other models for them: no case is lost or read twice whatever is wrong.

The workers serve all tests of this module, which leaves them on their own model again.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.image_store import ImageStore
from db.model_control import activate, put_on_trial, set_paused, wanted
from db.model_workers import running
from db.models import Assessment, Case, Event, ModelVersion, Platform, ShadowAssessment
from dermtriage.cli import group
from dermtriage.commands.models import activate as command
from dermtriage.local.postgres import LocalPostgres
from dermtriage.local.redis import LocalRedis
from tests.conftest import fresh_database
from tests.factories import make_platform
from tests.worker.conftest import PlaceCase
from tests.worker.processes import count, wait_until, workers
from vlm import load

OLD, NEW = "simulated:batch_ms=100", "simulated:batch_ms=101"


@pytest.fixture(scope="module")
def database_url(postgres: LocalPostgres, migrated_template: str) -> Iterator[str]:
    yield from fresh_database(postgres, template=migrated_template)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workers")


@pytest.fixture
def store(folder: Path) -> ImageStore:
    return ImageStore((folder / "images").as_uri())


@pytest.fixture
def platform(session: Session) -> Platform:
    return session.scalar(select(Platform)) or make_platform(session)


@pytest.fixture(scope="module")
def two_workers(database_url: str, redis_server: LocalRedis, folder: Path) -> Iterator[None]:
    with workers(database_url, redis_server.url, folder) as start:
        for _ in range(2):
            start(OLD, WORKER_BATCH_SIZE="2")
        yield


@pytest.fixture(autouse=True)
def in_service(
    two_workers: None, session: Session, database_url: str, redis_server: LocalRedis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Both workers serve with their own model, and commands reach the same servers."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BROKER_URL", redis_server.url)
    monkeypatch.setenv("IMAGE_STORE_URL", "memory://commands")
    monkeypatch.setattr("dermtriage.observability.configure_logging", lambda: None)
    monkeypatch.setattr(command, "LOOK_SECONDS", 0.1)
    activate(session, None, None)
    put_on_trial(session, None, None)
    set_paused(session, False)
    session.commit()
    wait_until(lambda: serving(session) == [load(OLD).revision] * 2 and not faults(session))


def models(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["models", *arguments])


def serving(session: Session) -> list[str]:
    session.rollback()
    return [worker.revision for worker in running(session) if worker.revision]


def faults(session: Session) -> list[str]:
    session.rollback()
    return [worker.fault for worker in running(session) if worker.fault]


def on_trial(session: Session) -> set[str | None]:
    session.rollback()
    return {worker.shadow_revision for worker in running(session)}


def is_done(session: Session) -> bool:
    return count(session, Case.assess_state != "done") == 0


def last_models(session: Session, cases: int) -> list[str]:
    newest = select(ModelVersion.ref).join(Assessment).order_by(Assessment.id.desc()).limit(cases)
    return list(session.scalars(newest))


def test_two_workers_change_over_in_the_midst_of_a_queue_and_each_case_is_read_once(
    session: Session, place_case: PlaceCase
) -> None:
    cases = [place_case(seed=n % 5).id for n in range(60)]
    wait_until(lambda: count(session, Assessment.case_id.in_(cases)) > 0)
    result = models("activate", NEW, "--skip-check")
    assert result.exit_code == 0, result.output
    assert serving(session) == [load(NEW).revision] * 2
    cases += [place_case(seed=n).id for n in range(6)]
    wait_until(lambda: is_done(session))
    assert count(session, Event.type == "case.assessed", Event.case_id.in_(cases)) == 66
    by_ref = select(ModelVersion.ref, func.count()).join(Assessment).group_by(ModelVersion.ref)
    by_model = {row[0]: row[1] for row in session.execute(by_ref.where(Assessment.case_id.in_(cases)))}
    assert set(by_model) == {OLD, NEW}
    assert sum(by_model.values()) == 66
    assert set(last_models(session, 6)) == {NEW}

    assert models("activate", "--default").exit_code == 0
    assert serving(session) == [load(OLD).revision] * 2


def test_a_broken_model_is_refused_before_a_worker_hears_of_it(session: Session) -> None:
    before = wanted(session)[:3]
    result = models("activate", "no-such-folder")
    assert result.exit_code != 0
    session.rollback()
    assert wanted(session)[:3] == before


def test_workers_that_cannot_load_it_keep_their_model_say_so_and_go_on(
    session: Session, place_case: PlaceCase
) -> None:
    result = models("activate", "no-such-folder", "--skip-check", "--timeout", "30")
    assert result.exit_code == 1, result.output
    assert result.output.count("(fault)") == 2
    assert serving(session) == [load(OLD).revision] * 2
    place_case()
    wait_until(lambda: is_done(session))


def test_weights_that_changed_since_activation_are_a_fault_and_not_loaded(session: Session) -> None:
    activate(session, NEW, "0" * 64)
    session.commit()
    wait_until(lambda: len(faults(session)) == 2)
    assert all("not those that were chosen" in fault for fault in faults(session))
    assert serving(session) == [load(OLD).revision] * 2


def test_paused_workers_change_over_and_read_nothing_until_they_are_resumed(
    session: Session, place_case: PlaceCase
) -> None:
    set_paused(session, True)
    session.commit()
    for n in range(4):
        place_case(seed=n)
    assert models("activate", NEW).exit_code == 0
    assert count(session, Case.assess_state == "waiting") == 4
    set_paused(session, False)
    session.commit()
    wait_until(lambda: is_done(session))
    assert last_models(session, 4) == [NEW] * 4


def test_two_workers_try_a_model_without_showing_it_a_case_twice(
    session: Session, place_case: PlaceCase, folder: Path
) -> None:
    tried = "simulated:batch_ms=20"
    result = models("shadow", tried)
    assert result.exit_code == 0
    assert f"On trial: {tried}" in result.output
    mine = ShadowAssessment.case_id.in_([place_case(seed=n).id for n in range(40)])
    wait_until(lambda: count(session, mine, ShadowAssessment.error.is_(None)) == 40)
    shown = re.findall(
        r'"assessed": (\d+), "raised": 0, "event": "shadow_committed"', (folder / "worker.log").read_text()
    )
    assert sum(map(int, shown)) == 40
    assert on_trial(session) == {load(tried).revision}

    assert models("shadow", "--off").exit_code == 0
    wait_until(lambda: on_trial(session) == {None})
    later = place_case()
    wait_until(lambda: is_done(session))
    assert count(session, ShadowAssessment.case_id == later.id) == 0


def test_a_broken_model_is_not_put_on_trial(session: Session) -> None:
    assert models("shadow", "no-such-folder").exit_code != 0
    session.rollback()
    assert wanted(session).shadow.ref is None

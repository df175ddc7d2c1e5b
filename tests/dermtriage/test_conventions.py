"""What holds for every room: settings are documented, routes say who may call them, queues have consumers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from dermtriage.cli import group
from dermtriage.observability.settings_table import MODULES, settings_classes, written_into
from dermtriage.settings import load_settings
from dermtriage.tasks import DELIVER_TASK, celery_app, periodics, surroundings
from tests.applications import whole_application
from web.access import Access
from web.grants import GRANTED
from worker.broker import make_celery
from worker.names import DRAIN_TASK, QUEUES
from worker.process import WorkerProcess

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "OPERATIONS.md").read_text()


@pytest.fixture
def app(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("WORKER_MODEL_REF", "simulated")
    with whole_application(database_url, tmp_path, monkeypatch) as app:
        yield app


def test_every_settings_class_stands_in_the_table() -> None:
    rooms = [path for path in ROOT.glob("*/**/settings.py") if ".venv" not in path.parts]
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in rooms}
    assert modules == set(MODULES)


def test_the_documented_settings_are_those_of_the_code() -> None:
    remedy = "run: python -m dermtriage.observability.settings_table docs/OPERATIONS.md"
    assert written_into(OPERATIONS) == OPERATIONS, remedy


def test_every_setting_says_what_it_means() -> None:
    silent = [
        f"{found.__name__}.{name}"
        for found in settings_classes()
        for name, field in found.model_fields.items()
        if not field.description
    ]
    assert silent == []


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    open_to_nobody = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.endswith("static")
        and not isinstance(getattr(app.view_functions[rule.endpoint], "access", None), Access)
    ]
    assert open_to_nobody == []


def test_a_public_route_takes_no_other_credential(app: Flask) -> None:
    for view in app.view_functions.values():
        access = getattr(view, "access", Access())
        assert not (access.public and (access.scope or access.clinician or access.page)), view


def test_everything_that_is_sent_has_a_worker_that_takes_it(app: Flask) -> None:
    schedule = celery_app().conf.beat_schedule
    assert {entry["options"]["queue"] for entry in schedule.values()} <= set(QUEUES)

    settings = load_settings()
    around = surroundings(settings)
    worker = WorkerProcess(make_celery("memory://"), around, periodics(settings, around), list(QUEUES))
    around.sessions.kw["bind"].dispose()

    sent = {entry["task"] for entry in schedule.values()} | {DRAIN_TASK, DELIVER_TASK}
    assert sent <= set(worker.app.tasks)


def test_a_worker_takes_every_queue_unless_told_otherwise() -> None:
    command = group.get_command(None, "worker")  # type: ignore[arg-type]
    assert command is not None
    (queues,) = [option for option in command.params if option.name == "queues"]
    assert str(queues.default).split(",") == list(QUEUES)


def test_the_table_of_grants_names_each_clinicians_route_and_no_other(app: Flask) -> None:
    def access_of(endpoint: str) -> Access | None:
        return getattr(app.view_functions[endpoint], "access", None)

    declared = {name: access_of(name) for name in app.view_functions}
    opened = {name for name, access in declared.items() if access and (access.clinician or access.page)}
    assert set(GRANTED) == opened

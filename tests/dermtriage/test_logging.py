"""The log: one line of data an entry, wherever it comes from, and never the text of an exception."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator

import pytest
import structlog
from gunicorn.config import Config
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dermtriage.observability.gunicorn_log import GunicornLog
from dermtriage.observability.logging import configure_logging
from dermtriage.observability.settings import ObservabilitySettings

CANARY = "canary: the patient's lesion burns since 4711"
Lines = Callable[[], list[dict[str, object]]]


class Quoting(Exception):
    """Quotes what it was about."""


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Configures the log as a service does and puts everything back afterwards."""
    root = logging.getLogger()
    before = root.handlers, root.level
    for module, hook in ((sys, "excepthook"), (threading, "excepthook"), (warnings, "showwarning")):
        monkeypatch.setattr(module, hook, getattr(module, hook))
    monkeypatch.setattr(logging, "raiseExceptions", True)
    # Streams of our own: pytest changes its streams between a fixture and its test.
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    configure_logging(ObservabilitySettings(log_format="json"))

    def read() -> list[dict[str, object]]:
        assert err.getvalue() == ""
        assert CANARY not in out.getvalue()
        return [json.loads(line) for line in out.getvalue().splitlines()]

    yield read
    root.handlers, root.level = before
    structlog.reset_defaults()


def _fail() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        raise Quoting(CANARY) from error


def test_an_entry_is_one_line_of_data_with_its_time_in_utc(lines: Lines) -> None:
    structlog.get_logger("room").info("case_accepted", case=7)
    (entry,) = lines()
    assert str(entry.pop("timestamp")).endswith("Z")
    assert entry == {"event": "case_accepted", "case": 7, "level": "info", "logger": "room"}


def test_an_exception_is_logged_by_kind_and_place_without_its_text(lines: Lines) -> None:
    log = structlog.get_logger("room")
    try:
        _fail()
    except Quoting as error:
        log.exception("broke")
        log.error("broke", exc_info=error, why=error)
        logging.getLogger("celery").exception("Task %s failed: %r", "name", error)
        logging.getLogger("celery").error("Lost: %r", error)
        logging.getLogger("celery").error("Lost: %(exc)s", {"exc": error})
    first, second, third, fourth, fifth = lines()
    chain = first["exception"]
    assert isinstance(chain, list)
    assert [link["type"].rpartition(".")[2] for link in chain] == ["Quoting", "ValueError"]
    assert "test_logging.py" in chain[0]["at"][0]
    assert chain[0]["at"][-1].endswith("in _fail")
    assert second["exception"] == chain
    assert str(second["why"]).endswith("Quoting")
    assert third["event"] == "Task %s failed: %r"
    assert third["exception"] == chain
    assert fourth["event"] == "Lost: %r"
    assert fifth["event"] == "Lost: %(exc)s"


def test_a_library_s_plain_message_is_kept_whole(lines: Lines) -> None:
    logging.getLogger("celery").info("Connected to %s", "the broker")
    assert lines()[0]["event"] == "Connected to the broker"


def test_a_database_error_does_not_quote_its_parameters(engine: Engine, lines: Lines) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT 1 / :zero, :words"), {"zero": 0, "words": CANARY})
    assert CANARY not in str(caught.value)
    logging.getLogger("sqlalchemy").error("failed", exc_info=caught.value)
    assert lines()[0]["event"] == "failed"


def test_what_nobody_caught_and_warnings_are_entries_too(lines: Lines) -> None:
    thread = threading.Thread(target=_fail)
    thread.start()
    thread.join()
    try:
        _fail()
    except Quoting as error:
        sys.excepthook(type(error), error, error.__traceback__)
    warnings.showwarning(CANARY, UserWarning, "file.py", 7)
    assert [entry["event"] for entry in lines()] == [
        "uncaught_exception_in_thread",
        "uncaught_exception",
        "python_warning",
    ]


def test_gunicorn_speaks_through_the_same_log_and_quotes_no_stranger(lines: Lines) -> None:
    config = Config()
    config.set("errorlog", None)
    log = GunicornLog(config)
    log.info("Booting worker with pid: %s", 7)
    log.warning(f"Invalid request from ip=1.2.3.4: {CANARY}")
    try:
        _fail()
    except Quoting:
        log.exception("Error handling request %s", f"/v1/cases?{CANARY}")
    entries = lines()
    assert [entry["event"] for entry in entries] == [
        "Booting worker with pid: 7",
        "Invalid request",
        "Error handling request %s",
    ]
    assert {entry["logger"] for entry in entries} == {"gunicorn.error"}


def test_a_broken_line_is_not_printed_elsewhere(lines: Lines) -> None:
    logging.getLogger("library").error("%d cases", CANARY)
    assert lines() == []


def test_the_least_level_is_a_setting(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    configure_logging(ObservabilitySettings(log_format="json", log_level="WARNING"))
    structlog.get_logger("room").info("quiet")
    logging.getLogger("library").info("quiet")
    structlog.get_logger("room").warning("heard")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["heard"]


def test_a_triage_level_is_not_taken_for_the_entry_s_own(lines: Lines) -> None:
    structlog.get_logger("room").info("case_accepted", level="urgent")
    (entry,) = lines()
    assert (entry["level"], entry["triage_level"]) == ("info", "urgent")

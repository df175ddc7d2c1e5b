"""The web process or the database dies in the middle of a decision: it is wholly there, or wholly not.

A trigger makes the decision pause inside its transaction, or inside its COMMIT; then comes SIGKILL.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from db.audit import verify_chains
from db.migrate import upgrade
from db.models import AuditEntry, Case, Clinician, Event, Platform, Review, ReviewDraft
from db.session import make_engine, make_sessions
from dermtriage.local.postgres import LocalPostgres
from dermtriage.local.processes import free_port, wait_until
from review.claims import claim_most_urgent
from tests.applications import whole_application
from tests.factories import make_case, make_platform
from tests.review.conftest import LEASE, ApiClient, add_reader, token_for

Waiting = Callable[..., Case]
DECISION = {"verdict": "override", "level": "priority", "diagnosis": "eczema", "reason": "Dry."}
DRAFT = {"override": {"reason": "Dry, I th"}, "last": "override"}

PAUSE = """
    CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$
"""
BEFORE = "CREATE TRIGGER pause BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION pause()"
IN_COMMIT = (
    "CREATE CONSTRAINT TRIGGER pause AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION pause()"
)


def held_case(engine: Engine, platform: Platform, reader: Clinician) -> UUID:
    """A case in the reader's hands with a draft; the id of the review."""
    sessions = make_sessions(engine)
    with sessions() as session:
        case = make_case(session, platform, status="awaiting_review", assess_state="done")
        session.add(ReviewDraft(case_id=case.id, clinician_id=reader.id, fields=DRAFT))
        session.commit()
    review_id = claim_most_urgent(sessions, reader.id, LEASE)
    assert review_id is not None
    return review_id


def is_there(session: Session, review_id: UUID) -> bool:
    """Whether a decision is there; all that it writes must say the same."""
    session.rollback()
    review = session.get_one(Review, review_id, populate_existing=True)
    case = session.get_one(Case, review.case_id, populate_existing=True)
    drafts = session.scalars(select(ReviewDraft.fields).where(ReviewDraft.case_id == case.id)).all()
    events = session.scalars(select(Event.type).where(Event.case_id == case.id)).all()
    audited = session.scalars(
        select(AuditEntry.id).where(AuditEntry.case_id == case.id, AuditEntry.action == "review.override")
    ).all()
    there = (case.status, review.verdict, case.level, list(drafts), list(events), len(audited))
    assert there in (
        ("completed", "override", "priority", [], ["case.completed"], 1),
        ("in_review", None, "routine", [DRAFT], [], 0),
    )
    assert (review.decided_at is None) == (case.completed_at is None)
    assert verify_chains(session) == []
    return case.status == "completed"


def pauses(session: Session) -> bool:
    """Whether somebody is in the middle of a decision, or in the middle of its COMMIT."""
    session.rollback()
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    return bool(session.scalar(waiting))


def install(session: Session, trigger: str, table: str) -> None:
    session.execute(text(PAUSE))
    session.execute(text(trigger.format(table)))
    session.commit()


def remove(session: Session, table: str) -> None:
    session.execute(text(f"DROP TRIGGER pause ON {table}"))
    session.execute(text("DROP FUNCTION pause"))
    session.commit()


@contextmanager
def web_process(database_url: str, folder: Path) -> Iterator[str]:
    """`dermtriage api`, killed with all its processes in the end; its address."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "IMAGE_STORE_URL": (folder / "images").as_uri(),
        "SECRET_KEY": "a secret of the tests",
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dermtriage", "api"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        assert wait_until(lambda: _serves(address), 90, pause=0.1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _serves(address: str) -> bool:
    try:
        return requests.get(f"{address}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize(
    ("trigger", "table", "there"),
    [(BEFORE, "audit_entries", False), (BEFORE, "events", False), (IN_COMMIT, "events", True)],
    ids=["at its beginning", "near its end", "in its commit"],
)
def test_the_web_process_is_killed_in_the_middle_of_a_decision(
    engine: Engine, database_url: str, session: Session, tmp_path: Path, reader: Clinician,
    platform: Platform, trigger: str, table: str, there: bool,
) -> None:  # fmt: skip
    review_id = held_case(engine, platform, reader)
    headers = {"Authorization": f"Bearer {token_for(session, reader)}"}
    with ThreadPoolExecutor(1) as other:
        with web_process(database_url, tmp_path) as address:
            install(session, trigger, table)
            url = f"{address}/v1/reviews/{review_id}/decision"
            answer = other.submit(lambda: requests.post(url, json=DECISION, headers=headers, timeout=60))
            assert wait_until(lambda: pauses(session), 30, pause=0.02)
        with pytest.raises(requests.ConnectionError):
            answer.result()
    assert wait_until(lambda: not pauses(session), 30, pause=0.02)
    assert wait_until(lambda: _nobody_else(session), 30, pause=0.02)
    remove(session, table)
    assert is_there(session, review_id) == there


def _nobody_else(session: Session) -> bool:
    """Whether the killed process's connection has ended, and its transaction with it."""
    session.rollback()
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    return not session.scalar(others)


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[LocalPostgres]:
    """A server of this test, durable as in earnest: what was answered must outlive it."""
    folder = Path(tempfile.mkdtemp(prefix="dermtriage-killed-"))
    server = LocalPostgres(folder, durable=True)
    try:
        server.start()
        yield server
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_database_is_killed_in_the_middle_of_decisions(
    own_postgres: LocalPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(own_postgres.url)
    engine = make_engine(own_postgres.url)
    with Session(engine, expire_on_commit=False) as session:
        platform, reader = make_platform(session), add_reader(session, "reader@example.org")
        token = token_for(session, reader)
        with whole_application(own_postgres.url, tmp_path, monkeypatch) as app:

            def decide(review_id: UUID) -> Any:
                return ApiClient(app.test_client(), token).decide(str(review_id), **DECISION)

            first, second = (held_case(engine, platform, reader) for _ in range(2))
            assert decide(first).status_code == 200
            install(session, BEFORE, "events")
            with ThreadPoolExecutor(1) as other:
                answer = other.submit(decide, second)
                assert wait_until(lambda: pauses(session), 30, pause=0.02)
                own_postgres.kill()
                assert answer.result().status_code >= 500
            session.invalidate()
            own_postgres.start()
            remove(session, "events")
            assert is_there(session, first)
            assert not is_there(session, second)
            assert decide(second).status_code == 200
            assert is_there(session, second)
    engine.dispose()

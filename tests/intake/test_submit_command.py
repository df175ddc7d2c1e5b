"""`dermtriage submit` against a running server: what it prints, where it gets its key, how it ends."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from structlog.testing import capture_logs
from werkzeug.serving import make_server

from db.models import Case
from dermtriage.cli import group
from tests.intake.conftest import PlatformClient
from tests.intake.pictures import jpeg
from tests.intake.rows import assess, the_case
from triage import Clinical, example_clinical


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """The application, listening."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    # The server's log would stand among what the command prints.
    with capture_logs():
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("DERMTRIAGE_HOME", str(folder))
    for name in ("DERMTRIAGE_URL", "DERMTRIAGE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A photograph and its clinical information, as arguments."""
    photo, clinical = tmp_path / "photo.jpg", tmp_path / "case.json"
    photo.write_bytes(jpeg())
    clinical.write_text(json.dumps(example_clinical("eye")))
    return [str(photo), "--clinical", str(clinical)]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["submit", *arguments])


@pytest.fixture
def demo(home: Path, url: str, clinic: PlatformClient) -> None:
    """demo.json of a running demo."""
    (home / "demo.json").write_text(json.dumps({"url": url, "api_key": clinic.key}))


@pytest.mark.usefixtures("demo")
def test_it_submits_to_the_demo_and_tells_level_reasons_and_advice(
    files: list[str], session: Session
) -> None:
    result = run(*files)
    assert result.exit_code == 0, result.output
    assert str(the_case(session).id) in result.stdout
    for part in ("emergency", "red_flag.eye", "emergency care now"):
        assert part in result.stdout


@pytest.mark.usefixtures("demo")
def test_with_wait_it_shows_the_result_marked_preliminary(files: list[str], engine: Engine) -> None:
    def model() -> None:
        with Session(engine) as session:
            while not (found := session.query(Case).all()):
                session.rollback()
            assess(session, found[0], level="emergency")

    worker = threading.Thread(target=model)
    worker.start()
    result = run(*files, "--wait", "--timeout", "30")
    worker.join()
    assert result.exit_code == 0, result.output
    for part in ("awaiting_review", "preliminary", "mpox", "80.0%", "Looks like mpox.", "red_flag.eye"):
        assert part in result.stdout
    assert "not for clinical use" in result.stdout


@pytest.mark.usefixtures("demo")
def test_json_is_the_body_of_get_and_nothing_else(
    files: list[str], clinic: PlatformClient, session: Session
) -> None:
    result = run(*files, "--json")
    assert json.loads(result.stdout) == clinic.get(f"/v1/cases/{the_case(session).id}").json
    assert "emergency care now" in result.stderr


@pytest.mark.usefixtures("demo")
def test_the_same_idempotency_key_submits_once(files: list[str], session: Session) -> None:
    first = run(*files, "--idempotency-key", "k")
    assert run(*files, "--idempotency-key", "k").stdout == first.stdout
    the_case(session)


@pytest.mark.usefixtures("home")
def test_url_and_key_may_come_from_options_and_environment(
    files: list[str], url: str, clinic: PlatformClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DERMTRIAGE_API_KEY", clinic.key)
    assert run(*files, "--url", f"{url}/").exit_code == 0
    assert run(*files, "--url", url, "--api-key", "dtk_wrong").exit_code == 1


@pytest.mark.usefixtures("demo")
def test_the_demos_key_is_never_sent_elsewhere(files: list[str]) -> None:
    result = run(*files, "--url", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert "--api-key" in result.stderr


@pytest.mark.usefixtures("demo")
def test_a_refusal_names_field_and_remedy(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"no photograph")
    result = run(*files)
    assert result.exit_code == 1
    assert "422" in result.stderr
    assert "images[0]" in result.stderr


@pytest.mark.usefixtures("home")
def test_without_a_demo_it_says_what_to_do(files: list[str]) -> None:
    result = run(*files)
    assert result.exit_code == 1
    assert "make demo" in result.stderr


@pytest.mark.usefixtures("home")
def test_a_server_that_does_not_answer_is_told(files: list[str]) -> None:
    result = run(*files, "--url", "http://127.0.0.1:9", "--api-key", "k")
    assert result.exit_code == 3
    assert "does not answer" in result.stderr


@pytest.mark.usefixtures("demo")
def test_no_result_in_time_is_told_with_the_cases_id(files: list[str], session: Session) -> None:
    result = run(*files, "--wait", "--timeout", "0")
    assert result.exit_code == 3
    assert str(the_case(session).id) in result.stderr


@pytest.mark.parametrize("flag", ["eye", None])
def test_the_example_is_valid(flag: str | None) -> None:
    result = run("--example", *(["--red-flag", flag] if flag else []))
    clinical = Clinical.model_validate_json(result.stdout)
    assert clinical.red_flags.eye == ("yes" if flag else "no")


def test_an_unknown_red_flag_is_refused_with_the_known_ones() -> None:
    result = run("--example", "--red-flag", "nose")
    assert result.exit_code == 2
    assert "airway" in result.stderr


def test_photographs_without_clinical_information_are_wrong_use(files: list[str]) -> None:
    assert run(files[0]).exit_code == 2

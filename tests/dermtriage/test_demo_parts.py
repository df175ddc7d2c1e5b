"""What the demo is made of: its home, its processes, how it is told to stop."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dermtriage.local.demo import _port
from dermtriage.local.errors import HomeInUse, LocalServiceError
from dermtriage.local.home import Home, find_home
from dermtriage.local.parts import Part, end_all, end_leftover
from dermtriage.local.processes import wait_until
from dermtriage.local.stopping import Stopped, Stopping

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); " + SLEEP
FORKING = "import subprocess, sys; subprocess.run([sys.executable, '-c', '" + SLEEP + "'])"
SHORT = "raise SystemExit(3)"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path)


def part(home: Home, code: str, name: str = "api") -> Part:
    return Part(name, [sys.executable, "-c", code], home, dict(os.environ))


def noted_pid(home: Home, name: str = "api") -> int:
    return int(json.loads(home.pid_file(name).read_text())["pid"])


def test_a_second_demo_in_the_same_home_is_refused_while_the_first_runs(home: Home) -> None:
    with home.held(), pytest.raises(HomeInUse, match="DERMTRIAGE_HOME"), Home(home.folder).held():
        pass
    with home.held():
        pass


def test_the_lock_of_a_killed_demo_holds_nobody_up(home: Home) -> None:
    code = f"""
import time
from pathlib import Path
from dermtriage.local.home import Home
with Home(Path('{home.folder}')).held():
    print('held', flush=True)
    time.sleep(60)
"""
    hold = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert hold.stdout
    with hold.stdout:
        hold.stdout.readline()
        with pytest.raises(HomeInUse), home.held():
            pass
        hold.kill()
        hold.wait()
    with home.held():
        pass


def test_secrets_are_made_once_and_only_this_user_reads_them(home: Home) -> None:
    home.remember("accounts", {"api_key": "secret"})
    key = home.secret_key()
    assert home.secret_key() == key
    assert home.recall("accounts") == {"api_key": "secret"}
    assert {path.stat().st_mode & 0o777 for path in home.folder.iterdir()} == {0o600}
    home.forget("accounts")
    assert home.recall("accounts") is None


def test_the_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DERMTRIAGE_HOME", str(tmp_path))
    assert find_home().folder == tmp_path
    monkeypatch.delenv("DERMTRIAGE_HOME")
    assert find_home().folder.name == "dermtriage"


@pytest.mark.parametrize("wrong", ["http", "0", "65536", "-1", ""])
def test_a_port_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("PORT", wrong)
    with pytest.raises(LocalServiceError, match="PORT must be"):
        _port()


def test_a_part_that_died_is_started_again_and_said_so(home: Home) -> None:
    watched = part(home, SHORT)
    watched.start()
    assert wait_until(lambda: not watched.running, 20)
    line = watched.restart_if_dead()
    assert line
    assert "api had died (exit code 3)" in line
    assert str(home.log("api")) in line
    end_all([watched])


def test_a_part_that_keeps_dying_is_started_ever_more_slowly(home: Home) -> None:
    watched = part(home, SHORT)
    watched.start()
    starts, end = 0, time.monotonic() + 3
    while time.monotonic() < end:
        starts += watched.restart_if_dead() is not None
        time.sleep(0.02)
    assert 1 <= starts <= 3
    end_all([watched])


def test_a_part_that_runs_is_left_alone(home: Home) -> None:
    watched = part(home, SLEEP)
    watched.start()
    assert watched.restart_if_dead() is None
    end_all([watched])
    assert not watched.running


def test_parts_that_do_not_listen_are_ended_by_force_with_their_children(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dermtriage.local.parts.PATIENCE_S", 1)
    deaf, parent = part(home, STUBBORN, "deaf"), part(home, FORKING, "parent")
    deaf.start()
    parent.start()
    assert wait_until(lambda: "deaf" in home.log("deaf").read_text(), 20)
    family = psutil.Process(noted_pid(home, "parent"))
    assert wait_until(lambda: bool(family.children()), 20)
    child = family.children()[0]
    end_all([deaf, parent])
    assert not deaf.running
    assert not parent.running
    assert wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)


def test_what_a_killed_demo_left_running_is_ended(home: Home) -> None:
    left = part(home, SLEEP)
    left.start()
    end_leftover("api", home)
    assert wait_until(lambda: not left.running, 10)
    assert not home.pid_file("api").exists()


def test_a_strangers_process_with_a_noted_id_is_left_alone(home: Home) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True)
    home.pid_file("api").write_text(json.dumps({"pid": stranger.pid, "created": 1.0}))
    end_leftover("api", home)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    """Listens to this process's signals, and gives them back."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    listening = Stopping()
    listening.listen()
    yield listening
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_ends_a_pause_at_once(stopping: Stopping, number: signal.Signals) -> None:
    stopping.check()
    os.kill(os.getpid(), number)
    with pytest.raises(Stopped):
        stopping.pause(60)
    with pytest.raises(Stopped):
        stopping.check()

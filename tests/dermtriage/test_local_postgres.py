"""PostgreSQL of our own: from whatever binaries, as root too, after a kill, from folders hard to reach."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dermtriage.local import account
from dermtriage.local.binaries import (
    newest_postgres,
    postgres_major,
    reachable_for,
    system_postgres_folders,
    wheel_postgres_folders,
)
from dermtriage.local.errors import LocalServiceError
from dermtriage.local.postgres import LocalPostgres, temporary_postgres
from dermtriage.local.processes import port_is_free, working_in


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that belongs to this test and that every account can reach."""
    path = Path(tempfile.mkdtemp(prefix="dermtriage-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def write_one(server: LocalPostgres) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")


def read_one(server: LocalPostgres) -> str:
    with server.connect() as connection:
        row = connection.execute("SELECT word FROM kept").fetchone()
    assert row
    return str(row[0])


@pytest.mark.parametrize("binaries", [*system_postgres_folders(), *wheel_postgres_folders()], ids=str)
def test_every_postgres_found_here_starts_and_leaves_nothing(binaries: Path) -> None:
    with temporary_postgres(binaries) as server:
        with server.connect() as connection:
            row = connection.execute("SHOW server_version_num").fetchone()
        assert row
        assert int(row[0]) // 10000 == postgres_major(binaries)
        data, port = server.data, server.port
    assert not data.exists()
    assert not working_in(data, "postgres")
    assert port_is_free(port)


def test_the_wheel_brings_a_postgres_so_that_none_need_be_installed() -> None:
    assert wheel_postgres_folders()


def test_the_newest_is_chosen_and_the_systems_where_both_are_equal() -> None:
    found = [*system_postgres_folders(), *wheel_postgres_folders()]
    assert newest_postgres() == max(found, key=postgres_major)


def test_data_is_opened_by_the_version_that_made_it(folder: Path) -> None:
    oldest = min([*system_postgres_folders(), *wheel_postgres_folders()], key=postgres_major)
    with LocalPostgres(folder / "pg", durable=False, binaries=oldest) as server:
        write_one(server)
    with LocalPostgres(folder / "pg", durable=False) as server:
        assert postgres_major(server.binaries) == postgres_major(oldest)
        assert read_one(server) == "still here"


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
def test_the_demo_writes_through_to_disk_and_tests_do_not(folder: Path, durable: bool, fsync: str) -> None:
    with LocalPostgres(folder / "pg", durable=durable) as server, server.connect() as connection:
        assert connection.execute("SHOW fsync").fetchone() == (fsync,)


def test_it_comes_back_on_the_same_port_with_its_data(folder: Path) -> None:
    with LocalPostgres(folder / "pg", durable=False) as server:
        write_one(server)
        url = server.url
        server.stop()
        assert port_is_free(server.port)
        server.start()
        assert server.url == url
        assert read_one(server) == "still here"


def test_it_comes_back_after_a_power_cut(folder: Path) -> None:
    with LocalPostgres(folder / "pg", durable=True) as server:
        write_one(server)
        server.kill()
        assert port_is_free(server.port)
        server.start()
        assert read_one(server) == "still here"


def test_a_server_that_a_killed_run_left_running_is_replaced(folder: Path) -> None:
    left = LocalPostgres(folder / "pg", durable=False)
    left.start()
    write_one(left)
    with LocalPostgres(folder / "pg", durable=False) as server:
        assert port_is_free(left.port)
        assert read_one(server) == "still here"
    left.stop()


def test_a_lock_file_with_a_strangers_process_id_harms_neither_start_nor_stranger(folder: Path) -> None:
    server = LocalPostgres(folder / "pg", durable=False)
    with server:
        write_one(server)
        lock = (server.data / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["sleep", "60"], **server._account.popen_arguments) as stranger:
        (server.data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lock[1:]]))
        with server:
            assert read_one(server) == "still here"
        assert stranger.poll() is None
        stranger.send_signal(signal.SIGKILL)


def test_a_half_made_data_folder_is_made_anew(folder: Path) -> None:
    server = LocalPostgres(folder / "pg", durable=False)
    server.data.mkdir()
    (server.data / "pg_hba.conf").write_text("cut short")
    with server:
        write_one(server)


def test_a_password_is_asked_of_others_on_this_machine(folder: Path) -> None:
    with LocalPostgres(folder / "pg", durable=False) as server:
        environment = {**os.environ, "PGPASSWORD": "wrong"}
        psql = ["psql", "-h", "127.0.0.1", "-p", str(server.port), "-U", "dermtriage", "-c", "SELECT 1"]
        psql[0] = str(server.binaries / "psql")
        answer = subprocess.run(psql, env=environment, capture_output=True, text=True, check=False)
    assert "password authentication failed" in answer.stderr


def test_a_home_of_mode_700_serves_too_and_finds_its_data_again(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    with LocalPostgres(home / "pg", durable=False) as server:
        write_one(server)
    again = LocalPostgres(home / "pg", durable=False)
    with again:
        assert again.data == server.data
        assert read_one(again) == "still here"
    again.remove()
    assert not again.root.exists()


def test_a_home_that_was_deleted_and_made_anew_does_not_meet_its_old_data(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    old = LocalPostgres(home / "pg", durable=False)
    with old:
        write_one(old)
    shutil.rmtree(home)
    home.mkdir(mode=0o700)
    new = LocalPostgres(home / "pg", durable=False)
    with new, new.connect() as connection:
        assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)
    old.remove()
    new.remove()


def test_a_home_that_was_closed_afterwards_is_told_of_instead_of_starting_afresh(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o711)
    with LocalPostgres(home / "pg", durable=False) as server:
        write_one(server)
    home.chmod(0o700)
    if os.geteuid() == 0:
        with pytest.raises(LocalServiceError, match="chmod"):
            LocalPostgres(home / "pg", durable=False)
    else:
        with LocalPostgres(home / "pg", durable=False) as server:
            assert read_one(server) == "still here"


def test_binaries_that_the_account_cannot_reach_are_copied_once_and_others_are_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "REACHABLE_ROOT", folder / "reachable")
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    installation = max(wheel_postgres_folders(), key=postgres_major).parent
    binaries = hidden / installation.parent.name / installation.name / "bin"
    for part in (installation, installation.parent.with_name(f"{installation.parent.name}.libs")):
        shutil.copytree(part, hidden / part.relative_to(installation.parent.parent), symlinks=True)
    runner = account.unprivileged_account()
    copy = reachable_for(runner, binaries)
    assert reachable_for(runner, binaries) == copy
    if os.geteuid() == 0:
        assert copy.is_relative_to(folder / "reachable")
        assert len(list((folder / "reachable").iterdir())) == 1
    else:
        assert copy == binaries
    with temporary_postgres(binaries) as server:
        assert server.binaries == copy

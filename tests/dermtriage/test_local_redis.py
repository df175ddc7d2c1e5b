"""Redis of our own: from the system or the wheel, empty after each start, on the same port."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dermtriage.local.binaries import REDIS_NAMES, system_redis, wheel_redis
from dermtriage.local.processes import port_is_free, working_in
from dermtriage.local.redis import LocalRedis, temporary_redis


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of this test, deleted afterwards."""
    path = Path(tempfile.mkdtemp(prefix="dermtriage-test-"))
    yield path
    shutil.rmtree(path)


@pytest.mark.parametrize("binary", [b for b in (system_redis(), wheel_redis()) if b], ids=str)
def test_every_redis_found_here_starts_and_leaves_nothing(binary: Path) -> None:
    with temporary_redis(binary) as server:
        with Redis.from_url(server.url) as client:
            assert client.set("word", "kept")
        folder, port = server.folder, server.port
    assert not folder.exists()
    assert not working_in(folder, *REDIS_NAMES)
    assert port_is_free(port)


def test_the_wheel_brings_a_redis_so_that_none_need_be_installed() -> None:
    assert wheel_redis()


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_it_comes_back_empty_on_the_same_url(folder: Path, ending: str) -> None:
    with LocalRedis(folder) as server:
        url = server.url
        with Redis.from_url(url) as client:
            client.set("word", "lost")
        getattr(server, ending)()
        assert port_is_free(server.port)
        server.start()
        assert server.url == url
        with Redis.from_url(url) as client:
            assert client.dbsize() == 0


def test_a_server_that_a_killed_run_left_running_is_ended(folder: Path) -> None:
    left = LocalRedis(folder)
    left.start()
    with LocalRedis(folder):
        assert port_is_free(left.port)
    left.stop()


def test_it_asks_for_a_password_that_no_list_of_processes_shows(folder: Path) -> None:
    with LocalRedis(folder) as server:
        with (
            Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.ping()
        command = Path(f"/proc/{server.pid}/cmdline")
        if command.exists():
            assert server._password.encode() not in command.read_bytes()
    assert (
        subprocess.run(["ls", str(folder)], capture_output=True, text=True, check=True).stdout
        == "redis.log\n"
    )

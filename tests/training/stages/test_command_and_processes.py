"""`dermtriage train` as a person runs it, and two processes at a time as accelerate starts them."""

import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.forked import begin_command
from tests.training.stages.drawn_data import SMALL_DECODER, photographs, picture_settings
from tests.training.stages.processes import (
    kill_when_reached,
    run_whole,
    same_results,
    start,
)
from training.running.checkpoints import newest


def test_the_command_killed_and_started_again_equals_a_run_in_one_piece(tmp_path: Path) -> None:
    told = picture_settings(
        photographs(tmp_path / "data"), decoder=SMALL_DECODER, steps=20, checkpoint_steps=2,
        evaluate_steps=None,
    )  # fmt: skip
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    straight = start("mae", told, whole)
    config = tmp_path / "mae.yaml"
    config.write_text(yaml.safe_dump({"mae": told | {"seed": 1}}))
    words = ["train", "mae", "--config", str(config), "--set", "seed=5", "--out", str(killed)]
    first = begin_command(words, tmp_path / "first.txt")
    _kill_after_a_checkpoint(first, killed / "checkpoints")
    assert not (killed / "metrics.json").exists()
    again = begin_command(words, tmp_path / "again.txt")
    run_whole([straight, again])
    said = (tmp_path / "again.txt").read_text()
    assert "is finished: 20 steps" in said
    assert "20/20" in said, "the bar"
    assert same_results(whole, killed)


def _kill_after_a_checkpoint(process: Any, checkpoints: Path) -> None:
    end = time.monotonic() + 120
    while newest(checkpoints) is None:
        assert process.is_alive()
        assert time.monotonic() < end
        time.sleep(0.002)
    process.kill()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL


@pytest.fixture
def two(tmp_path: Path) -> list[dict[str, str]]:
    """What accelerate tells two processes on the CPU."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    common = {
        "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
        "ACCELERATE_USE_CPU": "true",
    }  # fmt: skip
    return [common | {"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(2)]


def test_two_processes_that_were_killed_go_on_to_the_same_bytes(
    two: list[dict[str, str]], tmp_path: Path
) -> None:
    told = picture_settings(photographs(tmp_path / "data"), decoder=SMALL_DECODER, batch=2)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run_whole([start("mae", told, whole, env=env) for env in two])
    begun = [start("mae", told, killed, stop=8, env=env) for env in two]
    kill_when_reached(begun[0], killed)
    begun[1].kill()
    begun[1].join(30)
    run_whole([start("mae", told, killed, env=env) for env in two])
    assert same_results(whole, killed)

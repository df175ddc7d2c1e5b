"""Killed with SIGKILL in the middle of a step, every stage goes on and ends in the same bytes (issue C3)."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.training.stages.drawn_data import (
    SMALL_DECODER,
    conversations,
    photographs,
    picture_settings,
    talk_settings,
)
from tests.training.stages.processes import BEGAN, kill_when_reached, run_whole, same_results, start


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Settings of each stage; among them all that has a state: dropout, masks, averages, accumulation."""
    root = tmp_path_factory.mktemp("data")
    seen, said = photographs(root / "photographs"), conversations(root / "talks")
    return {
        "mae": picture_settings(seen, decoder=SMALL_DECODER, moving_average=0.9),
        "classifier": picture_settings(seen, balanced=True, label_smoothing=0.1, patience=2),
        "clip": picture_settings(seen, text=SMALL_DECODER, accumulate=2, moving_average=0.9),
        "projector": talk_settings(said, template="plain"),
        "instruct": talk_settings(said, lora={"rank": 4, "alpha": 2, "dropout": 0.2}),
    }


@pytest.mark.parametrize("stage", ["mae", "classifier", "clip", "projector", "instruct"])
def test_a_killed_run_ends_as_if_it_had_not_been(
    stage: str, told: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    straight = start(stage, told[stage], whole)
    kill_when_reached(start(stage, told[stage], killed, stop=8), killed)
    assert not (killed / "metrics.json").exists()
    _leave_a_torn_checkpoint(killed / "checkpoints")
    run_whole([straight, start(stage, told[stage], killed)])
    assert (killed / BEGAN).read_text().split() == ["0", "6"]
    assert same_results(whole, killed)
    assert len((whole / "curve.csv").read_text().splitlines()) == 11


def test_killed_before_a_checkpoint_is_marked_it_goes_on_from_the_one_before(
    told: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    settings = told["mae"] | {"checkpoint_minutes": 1e-9}
    straight = start("mae", settings, whole)
    kill_when_reached(start("mae", settings, killed, at_mark=True), killed)
    assert [path.name for path in (killed / "checkpoints").iterdir()] == ["checkpoint-1"]
    run_whole([straight, start("mae", settings, killed)])
    assert (killed / BEGAN).read_text().split() == ["0", "0"]
    assert same_results(whole, killed)


def _leave_a_torn_checkpoint(folder: Path) -> None:
    """A newer one, cut short as by a kill while it was written."""
    torn = folder / "checkpoint-7"
    shutil.copytree(folder / "checkpoint-6", torn)
    (torn / "whole").unlink()
    weights = torn / "learnt.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])

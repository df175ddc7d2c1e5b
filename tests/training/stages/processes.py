"""Runs in processes of their own, which may be killed."""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

import training.running.trainer as trainer
from tests.forked import begin
from training.config import SETTINGS
from training.running.run import run

REACHED, BEGAN = "reached", "began"


class Watch(TrainerCallback):
    """Notes the step that a process began with, and waits to be killed in the middle of the step `stop`."""

    def __init__(self, out: Path, stop: int | None) -> None:
        self.out, self.stop, self.noted = out, stop, False

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if not self.noted:
            self.noted = True
            with (self.out / BEGAN).open("a") as lines:
                lines.write(f"{state.global_step}\n")

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step + 1 == self.stop:
            _wait(self.out)


def _wait(out: Path) -> None:
    (out / REACHED).touch()
    time.sleep(600)


def _go(
    stage: str, told: dict[str, Any], out: Path, stop: int | None, at_mark: bool, env: dict[str, str]
) -> None:
    os.environ.update(env)
    if at_mark:
        # All files of the checkpoint are there; what says so is not.
        trainer.mark_whole = lambda checkpoint: _wait(out)  # type: ignore[attr-defined]
    run(stage, SETTINGS[stage].model_validate(told), out, [Watch(out, stop)])


def start(stage: str, told: dict[str, Any], out: Path, *, stop: int | None = None, at_mark: bool = False,
          env: dict[str, str] | None = None) -> Any:  # fmt: skip
    """A process that runs the stage."""
    return begin(_go, stage, told, out, stop, at_mark, env or {})


def run_whole(processes: Iterable[Any]) -> None:
    """Wait until they end well."""
    for process in processes:
        process.join(120)
        assert process.exitcode == 0


def kill_when_reached(process: Any, out: Path) -> None:
    """SIGKILL, once the process waits for it."""
    end = time.monotonic() + 120
    while not (out / REACHED).is_file():
        assert process.is_alive(), "it ended before it was to be killed"
        assert time.monotonic() < end
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    (out / REACHED).unlink()


def same_results(one: Path, other: Path) -> bool:
    """Curve, metrics and every file of the model, byte for byte."""
    names = sorted(path.name for path in (one / "model").iterdir())
    assert names == sorted(path.name for path in (other / "model").iterdir())
    files = ["curve.csv", "metrics.json", *(f"model/{name}" for name in names)]
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in files)

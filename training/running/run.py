"""One run of one stage in one folder: started, gone on with, finished.

The folder holds config.json, checkpoints/, curve.csv, curve.png, metrics.json and, when finished, model/.
"""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import load_file
from transformers import TrainerCallback, TrainerState, set_seed
from transformers.utils import logging

from training.alone import alone_in
from training.config import Running
from training.running.agreeing import agree_or_begin, rows_of
from training.running.assembling import CHECKPOINTS, trainer_of
from training.running.averaging import put
from training.running.callbacks import Bar, is_over
from training.running.checkpoints import newest, remove_torn
from training.running.curve import draw_curve, write_curve
from training.running.files import write_json
from training.running.prepared import Prepared
from training.running.trainer import BEST, ExactTrainer
from vlm.llava.replacing import replacing

MODEL = "model"


def run(
    stage: str, settings: Running, out: Path, callbacks: Sequence[TrainerCallback] = ()
) -> dict[str, Any]:
    """Run a stage to its end and return its metrics; a run that was stopped goes on at its last checkpoint.

    Raises `RunError` where `out` holds another run or another process is at work there, and what the stage
    raises for unfit data or a base.
    """

    def prepare() -> Prepared:
        return cast(Prepared, import_module(f"training.stages.{stage}").prepare(settings))

    return run_prepared(stage, prepare, settings, out, callbacks)


def run_prepared(
    stage: str,
    prepare: Callable[[], Prepared],
    settings: Running,
    out: Path,
    callbacks: Sequence[TrainerCallback] = (),
) -> dict[str, Any]:
    """`run` for what `prepare` makes once the seed is set, under the name `stage`."""
    if is_finished(out):
        agree_or_begin(out, stage, settings, None)
        return dict(json.loads((out / "metrics.json").read_text()))
    logging.disable_progress_bar()
    with _alone(out):
        # Before the model: new weights are drawn by the seed.
        set_seed(settings.seed)
        prepared = prepare()
        agree_or_begin(out, stage, settings, rows_of(prepared))
        trainer = trainer_of(prepared, settings, out, [Bar(stage), *callbacks])
        checkpoint = newest(out / CHECKPOINTS)
        trainer.accelerator.wait_for_everyone()
        if trainer.is_world_process_zero():
            remove_torn(out / CHECKPOINTS)
        _train(trainer, settings, checkpoint)
        return _finish(trainer, settings, out)


def _alone(out: Path) -> AbstractContextManager[None]:
    """Of several processes of one run the first holds the folder."""
    return alone_in(out) if os.environ.get("RANK", "0") == "0" else nullcontext()


def is_finished(out: Path) -> bool:
    """True when the run wrote its metrics, which it does last."""
    return (out / "metrics.json").is_file()


def _train(trainer: ExactTrainer, settings: Running, checkpoint: Path | None) -> None:
    """Go to the end, unless the last checkpoint says that patience ran out there."""
    state = TrainerState.load_from_json(str(checkpoint / "trainer_state.json")) if checkpoint else None
    if checkpoint and state and is_over(state.log_history, settings.patience):
        trainer._load_from_checkpoint(str(checkpoint))
        trainer.state = state
        return
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


@torch.no_grad()
def _finish(trainer: ExactTrainer, settings: Running, out: Path) -> dict[str, Any]:
    """Choose the weights, write the model, then the metrics, which say that all is done."""
    prepared, model = trainer.prepared, trainer.prepared.model
    if settings.patience and (out / BEST).is_file():
        put(model, load_file(out / BEST))
    elif trainer.average:
        put(model, trainer.average.kept)
    model.eval()
    metrics = _metrics(trainer)
    if trainer.is_world_process_zero():
        if prepared.measure:
            metrics |= prepared.measure(model)
        write_curve(out, trainer.state.log_history)
        draw_curve(out, trainer.state.log_history)
        with replacing(out / MODEL) as folder:
            prepared.save(model, folder)
        write_json(out / "metrics.json", metrics)
        shutil.rmtree(out / CHECKPOINTS, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()
    return metrics


def _metrics(trainer: ExactTrainer) -> dict[str, Any]:
    history = trainer.state.log_history
    losses = [entry["loss"] for entry in history if "loss" in entry]
    validation = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
    model = trainer.prepared.model
    return {
        "steps": trainer.state.global_step,
        "loss": losses[-1] if losses else None,
        "validation_loss": validation[-1] if validation else None,
        "lowest_validation_loss": min(validation, default=None),
        "stopped_early": trainer.state.global_step < trainer.args.max_steps,
        "parameters": sum(p.numel() for p in model.parameters()),
        "parameters_trained": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "train_rows": len(trainer.prepared.train),
        "validation_rows": len(trainer.prepared.validation or ()),
    }

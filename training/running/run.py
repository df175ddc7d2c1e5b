"""One run of one stage in one folder: started, gone on with, finished.

The folder holds config.json, checkpoints/, curve.csv, curve.png, metrics.json and, when finished, model/.
"""

import json
import math
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import load_file
from transformers import TrainerCallback, TrainerState, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.utils import logging

from training.alone import alone_in
from training.config import Running
from training.errors import RunError
from training.running.averaging import MovingAverage, put
from training.running.callbacks import Bar, Minutes, Patience, is_over
from training.running.checkpoints import newest, remove_torn
from training.running.curve import draw_curve, write_curve
from training.running.draws import Draws, Plain
from training.running.files import write_json
from training.running.prepared import Prepared
from training.running.trainer import BEST, ExactTrainer
from vlm.llava.replacing import replacing

CHECKPOINTS, MODEL = "checkpoints", "model"


def run(
    stage: str, settings: Running, out: Path, callbacks: Sequence[TrainerCallback] = ()
) -> dict[str, Any]:
    """Run a stage to its end and return its metrics; a run that was stopped goes on at its last checkpoint.

    Raises `RunError` where `out` holds another run, and what the stage raises for unfit data or a base.
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
        _agree_or_begin(out, stage, settings, None)
        return dict(json.loads((out / "metrics.json").read_text()))
    logging.disable_progress_bar()
    with _alone(out):
        # Before the model: new weights are drawn by the seed.
        set_seed(settings.seed)
        prepared = prepare()
        _agree_or_begin(out, stage, settings, _rows(prepared))
        trainer = _trainer(prepared, settings, out, [Bar(stage), *callbacks])
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


def _rows(prepared: Prepared) -> dict[str, Any]:
    sets = {"train": prepared.train, "validation": prepared.validation}
    return {
        name: {"rows": len(rows), "sha256": rows.fingerprint}
        for name, rows in sets.items()
        if rows is not None
    }


def _agree_or_begin(out: Path, stage: str, settings: Running, rows: dict[str, Any] | None) -> None:
    """Write config.json, or hold the run to the one that is there; without `rows` they are not compared."""
    told = {"stage": stage, "settings": settings.model_dump(mode="json"), "rows": rows}
    path = out / "config.json"
    if path.is_file():
        there = json.loads(path.read_text())
        if rows is None:
            told["rows"] = there.get("rows")
        if different := _differences(there, told):
            raise RunError(f"{out} holds another run ({different}): give another --out, or the same settings")
        return
    out.mkdir(parents=True, exist_ok=True)
    write_json(path, told)


def _differences(there: dict[str, Any], told: dict[str, Any]) -> str:
    if there.get("stage") != told["stage"]:
        return f"stage {there.get('stage')!r}, not {told['stage']!r}"
    old, new = there.get("settings", {}), told["settings"]
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if there.get("rows") != told["rows"]:
        names.append("the rows of the data")
    return ", ".join(f"{name} was {old[name]!r}" if name in old else name for name in names)


def _trainer(
    prepared: Prepared, settings: Running, out: Path, callbacks: Sequence[TrainerCallback]
) -> ExactTrainer:
    arguments = _arguments(settings, out, len(prepared.train))
    together = arguments.train_batch_size * arguments.gradient_accumulation_steps * arguments.world_size
    if arguments.max_steps < 0:
        arguments.max_steps = math.ceil(float(settings.epochs or 1) * len(prepared.train) / together)
    average = MovingAverage(settings.moving_average, prepared.model) if settings.moving_average else None
    beside = [
        average,
        Minutes(settings.checkpoint_minutes) if settings.checkpoint_minutes else None,
        Patience(settings.patience) if settings.patience else None,
        *callbacks,
    ]
    trainer = ExactTrainer(
        prepared, out, kept=settings.checkpoints_kept, average=average, keeps_best=bool(settings.patience),
        args=arguments,
        train_dataset=Draws(prepared.train, arguments.max_steps * together, settings.seed, prepared.weights),
        eval_dataset=Plain(prepared.validation) if prepared.validation is not None else None,
        callbacks=[one for one in beside if one],
    )  # fmt: skip
    trainer.remove_callback(PrinterCallback)
    _remove_plain_bar(trainer)
    return trainer


def _remove_plain_bar(trainer: ExactTrainer) -> None:
    for one in list(trainer.callback_handler.callbacks):
        if type(one) is ProgressCallback:
            trainer.remove_callback(one)


def _arguments(settings: Running, out: Path, rows: int) -> TrainingArguments:
    evaluates = settings.evaluate_steps is not None
    return TrainingArguments(
        output_dir=str(out / CHECKPOINTS),
        max_steps=settings.steps or -1,
        per_device_train_batch_size=settings.batch,
        per_device_eval_batch_size=settings.batch,
        gradient_accumulation_steps=settings.accumulate,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        lr_scheduler_type=settings.schedule,
        warmup_steps=settings.warm_up,
        max_grad_norm=settings.clip_gradients,
        bf16=settings.precision == "bfloat16",
        fp16=settings.precision == "float16",
        activation_checkpointing=settings.gradient_checkpointing,
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        eval_strategy="steps" if evaluates else "no",
        eval_steps=settings.evaluate_steps,
        # A loss summed over several steps would be cut in two where a run stops.
        logging_steps=1,
        logging_nan_inf_filter=False,
        seed=settings.seed,
        dataloader_num_workers=settings.workers,
        dataloader_pin_memory=torch.cuda.is_available() and settings.device == "auto",
        remove_unused_columns=False,
        use_cpu=settings.device == "cpu",
        report_to="none",
    )


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

"""A trainer by the settings of a run."""

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from training.config import Running
from training.running.averaging import MovingAverage
from training.running.callbacks import Minutes, Patience
from training.running.draws import Draws, Plain
from training.running.prepared import Prepared
from training.running.trainer import ExactTrainer

CHECKPOINTS = "checkpoints"


def trainer_of(
    prepared: Prepared, settings: Running, out: Path, callbacks: Sequence[TrainerCallback]
) -> ExactTrainer:
    """The trainer of a run in `out`; epochs are turned into steps, and draws are made for all of them."""
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

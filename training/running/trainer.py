"""transformers' Trainer, made to stop anywhere and go on as if it had not."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import SequentialSampler
from transformers import Trainer

from training.running.averaging import MovingAverage, put, taken
from training.running.checkpoints import mark_whole, thin_out
from training.running.curve import draw_curve, write_curve
from training.running.draws import Draws
from training.running.files import write_whole
from training.running.prepared import Prepared

WEIGHTS, BEST = "learnt.safetensors", "best.safetensors"
DRAWN_EVERY = 60.0


class ExactTrainer(Trainer):
    """Its checkpoints hold what learns and no more, and count only when they are whole.

    `average` where weights are averaged: then the average is evaluated. `keeps_best`: the weights with the
    lowest validation loss are kept beside the checkpoints.
    """

    def __init__(
        self, prepared: Prepared, run: Path, *, kept: int, average: MovingAverage | None,
        keeps_best: bool, **told: Any,
    ) -> None:  # fmt: skip
        super().__init__(model=prepared.model, data_collator=prepared.collate, **told)
        self.prepared, self.run, self.kept = prepared, run, kept
        self.average, self.keeps_best = average, keeps_best
        self._drawn = time.monotonic()
        # Our losses are means over a batch, also where a model would take a count of all targets.
        self.model_accepts_loss_kwargs = False

    def _get_train_sampler(self, *_: Any) -> Any:
        """In order: the draws are shuffled already, by their number alone."""
        return SequentialSampler(cast(Draws, self.train_dataset))

    def compute_loss(
        self,
        model: nn.Module,
        inputs: Any,
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The stage's own loss."""
        loss = self.prepared.loss(model, inputs)
        return (loss, None) if return_outputs else loss

    def prediction_step(self, model: nn.Module, inputs: Any, *_: Any, **__: Any) -> tuple[Tensor, None, None]:
        """The loss of a batch, nothing else."""
        with torch.no_grad(), self.compute_loss_context_manager():
            return self.compute_loss(model, self._prepare_inputs(inputs)).detach(), None, None

    def create_optimizer(self, model: Any = None) -> Any:
        """Parameters with a learning rate of their own get it."""
        optimizer = super().create_optimizer(model)
        named = {id(p): name for name, p in self.prepared.model.named_parameters()}
        groups = []
        for group in optimizer.param_groups:
            for rate, members in _by_rate(group["params"], named, self.prepared.learning_rates).items():
                groups.append(group | {"params": members, "lr": group["lr"] if rate is None else rate})
        optimizer.param_groups[:] = groups
        return optimizer

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Random numbers within are always the same, and those of the training go on as before."""
        with ExitStack() as stack:
            devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
            stack.enter_context(torch.random.fork_rng(devices=devices))
            torch.manual_seed(self.args.seed)
            if self.average:
                stack.enter_context(self.average.in_place())
            earlier = [e["eval_loss"] for e in self.state.log_history if "eval_loss" in e]
            metrics: dict[str, float] = super().evaluate(*args, **kwargs)
            if (
                self.keeps_best
                and self.args.should_save
                and metrics["eval_loss"] < min(earlier, default=float("inf"))
            ):
                weights = taken(self.prepared.model)
                write_whole(self.run / BEST, lambda part: save_file(weights, part))
        return metrics

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        if self.args.should_save:
            folder = Path(str(output_dir))
            folder.mkdir(parents=True, exist_ok=True)
            save_file(taken(self.prepared.model), folder / WEIGHTS)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        folder = Path(resume_from_checkpoint)
        put(self.prepared.model, load_file(folder / WEIGHTS))
        if self.average:
            self.average.load(folder)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        folder = Path(str(self.args.output_dir))
        checkpoint = folder / f"checkpoint-{self.state.global_step}"
        # Each process writes its own random numbers: the mark waits for all of them.
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            if self.average:
                self.average.save(checkpoint)
            mark_whole(checkpoint)
            thin_out(folder, self.kept)
            write_curve(self.run, self.state.log_history)
            self._draw_now_and_then()

    def _draw_now_and_then(self) -> None:
        """A picture takes as long as many a step."""
        if time.monotonic() - self._drawn >= DRAWN_EVERY:
            draw_curve(self.run, self.state.log_history)
            self._drawn = time.monotonic()


def _by_rate(
    parameters: list[nn.Parameter], named: dict[int, str], rates: dict[str, float]
) -> dict[float | None, list[nn.Parameter]]:
    groups: dict[float | None, list[nn.Parameter]] = {}
    for parameter in parameters:
        rate = next((rates[part] for part in rates if part in named[id(parameter)]), None)
        groups.setdefault(rate, []).append(parameter)
    return groups

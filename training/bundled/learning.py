"""One part's learning, saved every five minutes and taken up where it was: to the bit on a CPU.

Every step draws its chance from the seed and its own number alone, so nothing but weights, optimiser and
average has to be kept.
"""

import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from training.bundled.plan import Plan, Steps
from training.run_folder import Curve

Loss = Callable[[int, torch.Generator], Tensor]


class Learning:
    """The state of one part in `folder`: `unfinished.pt` while it goes on."""

    def __init__(self, module: nn.Module, steps: Steps, seed: int, folder: Path, plan: Plan) -> None:
        self.module, self.plan, self.seed, self.folder = module, steps, seed, folder
        self.average, self.saved_every = plan.average, plan.saved_every_seconds
        trained = [weight for weight in module.parameters() if weight.requires_grad]
        groups = [
            {"params": [w for w in trained if w.ndim > 1], "weight_decay": steps.weight_decay},
            {"params": [w for w in trained if w.ndim <= 1], "weight_decay": 0.0},
        ]
        self.adam = torch.optim.AdamW(groups, lr=steps.learning_rate, betas=(0.9, 0.98))
        self.kept = {name: value.detach().clone() for name, value in module.state_dict().items()}
        self.step, self.curve = 0, Curve()

    def run(self, loss_of: Loss, title: str) -> Curve:
        """All steps that are left; the averaged weights end in the module."""
        self._take_up()
        saved = time.monotonic()
        bar = tqdm(total=self.plan.steps, initial=self.step, desc=title, mininterval=10)
        while self.step < self.plan.steps:
            loss = self._one(loss_of)
            bar.update()
            if self.step % max(1, self.plan.steps // 50) == 0 or self.step == self.plan.steps:
                self.curve.append({"step": self.step, "loss": loss})
                bar.set_postfix(loss=f"{loss:.3f}")
            if time.monotonic() - saved > self.saved_every:
                self.save()
                saved = time.monotonic()
        bar.close()
        self.module.load_state_dict(self.kept)
        return self.curve

    def _one(self, loss_of: Loss) -> float:
        """One step down; its loss."""
        number = self.seed * 1_000_003 + self.step
        torch.manual_seed(number)
        for group in self.adam.param_groups:
            group["lr"] = self.plan.learning_rate * self._share()
        self.module.train()
        loss = loss_of(self.step, torch.Generator().manual_seed(number))
        self.adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([w for g in self.adam.param_groups for w in g["params"]], 2.0)
        self.adam.step()
        self.step += 1
        decay = min(self.average, self.step / (self.step + 10))
        for name, value in self.module.state_dict().items():
            if value.is_floating_point():
                self.kept[name].lerp_(value.detach(), 1 - decay)
            else:
                self.kept[name].copy_(value)
        return float(loss.detach())

    def _share(self) -> float:
        warm = max(1, self.plan.steps // 20)
        if self.step < warm:
            return (self.step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (self.step - warm) / max(1, self.plan.steps - warm)))

    @property
    def _file(self) -> Path:
        return self.folder / "unfinished.pt"

    def save(self) -> None:
        """Write the state whole or not at all."""
        state = {
            "module": self.module.state_dict(), "adam": self.adam.state_dict(), "kept": self.kept,
            "step": self.step, "curve": self.curve,
        }  # fmt: skip
        part = self._file.with_suffix(".part")
        with part.open("wb") as stream:
            torch.save(state, stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self._file)

    def _take_up(self) -> None:
        if not self._file.is_file():
            return
        state: dict[str, Any] = torch.load(self._file, weights_only=True)
        self.module.load_state_dict(state["module"])
        self.adam.load_state_dict(state["adam"])
        self.kept, self.step, self.curve = state["kept"], state["step"], state["curve"]

"""What every stage shares: the optimiser, its schedule, balanced sampling, a moving average of weights."""

import math
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.plan import Stage


class Optimiser:
    """AdamW with a linear warm-up over 5 % of the steps and a cosine to zero; gradients clipped at 1."""

    def __init__(self, parameters: Iterable[nn.Parameter], stage: Stage) -> None:
        self.parameters = [parameter for parameter in parameters if parameter.requires_grad]
        matrices = [parameter for parameter in self.parameters if parameter.ndim > 1]
        others = [parameter for parameter in self.parameters if parameter.ndim <= 1]
        self.adam = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": stage.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=stage.learning_rate,
            betas=(0.9, 0.98),
        )
        self.stage = stage
        self.done = 0

    def step(self, loss: Tensor) -> float:
        """One step down; returns the loss."""
        for group in self.adam.param_groups:
            group["lr"] = self.stage.learning_rate * self._share(self.done)
        self.adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.adam.step()
        self.done += 1
        return float(loss.detach())

    def _share(self, step: int) -> float:
        warm = max(1, self.stage.steps // 20)
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, self.stage.steps - warm)))


class MovingAverage:
    """An exponential moving average of weights: steadier than the last step on small data."""

    def __init__(self, module: nn.Module, decay: float = 0.995) -> None:
        self.module, self.decay = module, decay
        self.kept = {name: value.detach().clone() for name, value in module.state_dict().items()}
        self.seen = 0

    def update(self) -> None:
        """Take in the weights of this step."""
        self.seen += 1
        decay = min(self.decay, self.seen / (self.seen + 10))
        for name, value in self.module.state_dict().items():
            if value.is_floating_point():
                self.kept[name].lerp_(value.detach(), 1 - decay)

    def apply(self) -> None:
        """Give the average to the module."""
        self.module.load_state_dict(self.kept)


def balanced_weights(labels: NDArray[np.float32], groups: tuple[str, ...]) -> Tensor:
    """Sampling weights: rarer conditions more often (square root), photographs of one scene less often."""
    per_class = labels.sum(axis=0).clip(min=1)
    rarity = (labels / np.sqrt(per_class)).sum(axis=1)
    sizes = {group: groups.count(group) for group in set(groups)}
    scene = np.array([sizes[group] ** -0.5 for group in groups])
    return torch.from_numpy(rarity * scene).double()

"""A moving average of the weights that learn: steadier than the last step's on small data."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import TrainerCallback

FILE = "moving_average.safetensors"


def learnt(model: nn.Module) -> dict[str, Tensor]:
    """What training changes: parameters that learn, and buffers that are kept with a model."""
    held = model.state_dict(keep_vars=True)
    found = {name: p for name, p in model.named_parameters() if p.requires_grad}
    parameters = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    return found | {name: tensor for name, tensor in held.items() if name not in parameters}


@torch.no_grad()
def put(model: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Give the model other values of what it learnt, all of them."""
    places = learnt(model)
    if places.keys() != tensors.keys():
        raise ValueError(f"the weights are of another model: {sorted(places.keys() ^ tensors.keys())[:3]}")
    for name, place in places.items():
        place.copy_(tensors[name])


def taken(model: nn.Module) -> dict[str, Tensor]:
    """A copy of what the model learnt."""
    return {name: tensor.detach().clone().contiguous() for name, tensor in learnt(model).items()}


class MovingAverage(TrainerCallback):
    """Follows the weights after each step; `decay` near 1 follows slowly, less so in the first steps."""

    def __init__(self, decay: float, model: nn.Module) -> None:
        self.decay, self.model, self.kept = decay, model, taken(model)

    @torch.no_grad()
    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take in the weights of this step."""
        decay = min(self.decay, state.global_step / (state.global_step + 10))
        for name, value in learnt(self.model).items():
            kept = self.kept[name] = self.kept[name].to(value.device)
            if value.is_floating_point():
                kept.lerp_(value.detach(), 1 - decay)
            else:
                kept.copy_(value)

    def save(self, checkpoint: Path) -> None:
        """Write the average into a checkpoint."""
        save_file(self.kept, checkpoint / FILE)

    def load(self, checkpoint: Path) -> None:
        """Go on with the average of a checkpoint."""
        self.kept = load_file(checkpoint / FILE)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model holds the average within, and its own weights again afterwards."""
        own = taken(self.model)
        put(self.model, self.kept)
        try:
            yield
        finally:
            put(self.model, own)

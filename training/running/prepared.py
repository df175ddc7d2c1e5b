"""What a stage hands over to be run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Item = dict[str, Any]


class Examples(Protocol):
    """Rows to learn from. `fingerprint` says what they are, so that a run goes on with the same ones."""

    @property
    def fingerprint(self) -> str: ...

    def __len__(self) -> int: ...

    def draw(self, row: int, chance: torch.Generator | None) -> Item:
        """One row as tensors. All that is random comes from `chance`; without it the row is plain."""


def own_loss(model: nn.Module, inputs: Item) -> Tensor:
    """The loss that the model itself computes."""
    loss: Tensor = model(**inputs).loss
    return loss


@dataclass(frozen=True)
class Prepared:
    """A model on the CPU, its examples, and how both become a batch, a loss and a folder.

    `save` writes the finished model into an empty folder. `weights`: how likely each row is drawn.
    `learning_rates`: for parameters whose name holds the key. `measure`: figures of the finished model.
    """

    model: nn.Module
    train: Examples
    validation: Examples | None
    collate: Callable[[Sequence[Item]], Item]
    save: Callable[[nn.Module, Path], None]
    loss: Callable[[nn.Module, Item], Tensor] = own_loss
    weights: NDArray[Any] | None = None
    learning_rates: dict[str, float] = field(default_factory=dict)
    measure: Callable[[nn.Module], dict[str, Any]] | None = None

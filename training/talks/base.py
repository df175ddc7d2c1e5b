"""What the stages projector and instruct need of a model."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor, nn


class Base(ABC):
    """A loaded model in float32 on the CPU. `projectors`: names of its parts between towers and decoder."""

    network: Any
    end: str
    pad: int
    projectors: tuple[str, ...]

    @abstractmethod
    def ids(self, text: str) -> list[int]:
        """Token ids of a text, each `<image>` as all its places."""

    @abstractmethod
    def pictures(self, image: Image.Image) -> dict[str, Tensor]:
        """The network's named pixels (1, 3, S, S) of a photograph, as inference prepares it."""

    @abstractmethod
    def save_projectors(self, folder: Path) -> None:
        """Write what the stage projector learnt."""

    @abstractmethod
    def save_tuned(self, model: Any, folder: Path) -> None:
        """Write what the stage instruct learnt: `model` is the network, or peft's around it."""

    @abstractmethod
    def load_projectors(self, file: Path) -> None:
        """Take over projectors that were trained before."""

    def freeze_towers(self) -> None:
        """What looks at the photograph learns nothing."""
        for name, child in self.network.model.named_children():
            if name not in (*self.projectors, "language_model"):
                freeze(child)

    def freeze_decoder(self) -> None:
        """What writes learns nothing."""
        freeze(self.network.model.language_model)
        freeze(self.network.lm_head)


def freeze(module: nn.Module) -> None:
    """No part of it learns, and it stays in evaluation mode whatever mode the network is put in."""
    module.requires_grad_(False)
    module.eval()
    module.train = lambda mode=True: module  # type: ignore[method-assign]

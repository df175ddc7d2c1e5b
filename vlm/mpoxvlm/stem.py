"""A small residual network makes a ViT's patches: plain ones learn too little of a thousand photographs."""

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

from torch import Tensor, nn
from torch.nn import functional


class Stem(nn.Module):
    """Pictures (B, 3, S, S) to patches (B, `width`, S / P, S / P), where P is 2 to the number of `widths`."""

    def __init__(self, widths: Sequence[int], width: int) -> None:
        super().__init__()
        self.first = _convolution(3, widths[0], stride=2)
        self.blocks = nn.ModuleList([Halving(inner, outer) for inner, outer in pairwise(widths)])
        self.patches = nn.Conv2d(widths[-1], width, 1)

    @property
    def weight(self) -> Tensor:
        """Where transformers looks for the precision of the patches."""
        return self.patches.weight

    def start(self) -> None:
        """Fresh weights: torch's own, and blocks that at first only hand on."""
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)):
                module.reset_parameters()
        for block in self.blocks:
            nn.init.zeros_(cast(Tensor, cast(Halving, block).second[1].weight))

    def forward(self, pixel_values: Tensor) -> Tensor:
        """See the class."""
        seen = self.first(pixel_values)
        for block in self.blocks:
            seen = block(seen)
        return cast(Tensor, self.patches(seen))


class Halving(nn.Module):
    """A residual block that halves the picture and widens it."""

    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        self.one = _convolution(inner, outer, stride=2)
        self.second = nn.Sequential(nn.Conv2d(outer, outer, 3, padding=1, bias=False), nn.BatchNorm2d(outer))
        self.past = nn.Sequential(
            nn.AvgPool2d(2), nn.Conv2d(inner, outer, 1, bias=False), nn.BatchNorm2d(outer)
        )

    def forward(self, seen: Tensor) -> Tensor:
        """(B, inner, S, S) to (B, outer, S / 2, S / 2)."""
        return functional.relu(self.past(seen) + self.second(self.one(seen)))


def _convolution(inner: int, outer: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inner, outer, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(inplace=True),
    )

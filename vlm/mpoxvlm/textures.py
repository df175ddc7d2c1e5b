"""What all dictionaries of textures share: pictures are read whole and in the middle, in four quarter turns.

Lesions have no upright and no fixed distance from the camera. Knows no condition.

Shapes: B pictures of S pixels a side, F features, M members, K labels.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

TURNS = 4
# An eighth less of the side is what the middle shows.
MIDDLE = 16
# Patches fainter than this, as variance where the picture's light has 1, are not raised to full contrast.
FAINT = 0.02


@dataclass(frozen=True)
class Sizes:
    """A picture of `side` pixels, patches of `patch` pixels every `stride` pixels."""

    side: int
    patch: int
    stride: int


class Textures(nn.Module, ABC):
    """Features of a picture's textures, and one linear reader of them for each member."""

    def __init__(self, sizes: Sizes, features: int, members: int, labels: int) -> None:
        super().__init__()
        self.side, self.patch, self.stride = sizes.side, sizes.patch, sizes.stride
        self.members, self.labels = members, labels
        self.readers = nn.Linear(features, members * labels)

    @abstractmethod
    def counted(self, sized: Tensor) -> Tensor:
        """What is counted in pictures (B, 3, S, S) of the right side, (B, F)."""

    @abstractmethod
    def spoken(self, seen: Tensor, label: Tensor) -> Tensor:
        """How much each place (B, H, H) adds to the lead of a label (B, 1), all members."""

    def finished(self, counted: Tensor) -> Tensor:
        """Features (B, F) of the mean of all that was counted."""
        return counted

    def forward(self, seen: Tensor) -> Tensor:
        """Logits (M, B, K) of pictures (B, 3, S, S) without tone; S is at least the dictionary's side."""
        return self.read(self.features(seen))

    def features(self, seen: Tensor) -> Tensor:
        """(B, F), means over whole and middle and the quarter turns."""
        return self.finished(torch.stack([self.counted(view) for view in views(seen, self.side)]).mean(0))

    def read(self, features: Tensor) -> Tensor:
        """Logits (M, B, K) of features (B, F)."""
        return cast(Tensor, self.readers(features)).view(-1, self.members, self.labels).transpose(0, 1)

    def lead(self, features: Tensor, label: Tensor) -> Tensor:
        """How far a label (B, 1) leads the mean of all, summed over pictures."""
        logits = self.read(features).mean(0)
        return (logits.gather(-1, label).squeeze(-1) - logits.mean(-1)).sum()

    def contrast(self, sized: Tensor) -> Tensor:
        """(B, 1, H, H), by which each patch is divided so that all have one contrast."""
        mean = functional.avg_pool2d(sized, self.patch, self.stride).mean(1, keepdim=True)
        square = functional.avg_pool2d(sized.square(), self.patch, self.stride).mean(1, keepdim=True)
        return ((square - mean.square()).clamp(min=0) + FAINT).sqrt()


def views(seen: Tensor, side: int) -> Iterator[Tensor]:
    """Pictures (B, 3, S, S), then their middles, at a side and in four quarter turns."""
    rim = seen.shape[-1] // MIDDLE
    middle = seen[:, :, rim : seen.shape[-2] - rim, rim : seen.shape[-1] - rim]
    for shown in (seen, middle):
        sized = resized(shown, side)
        yield from (sized.rot90(turn, (2, 3)) for turn in range(TURNS))


def resized(seen: Tensor, side: int) -> Tensor:
    """Pictures (B, 3, S, S) at another side, made smooth before they are made small."""
    if seen.shape[-1] == side:
        return seen
    return functional.interpolate(
        seen, size=(side, side), mode="bilinear", antialias=True, align_corners=False
    )

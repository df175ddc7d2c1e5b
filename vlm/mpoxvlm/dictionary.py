"""A dictionary of textures: how often, how strongly and where small patches of a picture look like its words.

After Coates, Ng and Lee (AISTATS 2011): words are centres of whitened patches. With a thousand photographs to
learn from, a linear reader of such fixed words errs less than a network that must learn its own filters. A
picture is read in its four quarter turns, because lesions have no upright. Knows no condition.

Shapes: B pictures, W words, M members, K labels.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

TURNS = 4
POOLS = 4
# Patches fainter than this, as variance where the picture's light has 1, are not raised to full contrast.
FAINT = 0.02
# So that a word that is nowhere in a picture has a slope, too.
TINY = 1e-8


@dataclass(frozen=True)
class DictionarySizes:
    """A picture of `side` pixels, patches of `patch` pixels every `stride` pixels, `words` of them."""

    side: int
    patch: int
    stride: int
    words: int


class Dictionary(nn.Module):
    """Words, and one linear reader of them for each member."""

    def __init__(self, sizes: DictionarySizes, members: int, labels: int) -> None:
        super().__init__()
        self.sizes, self.members, self.labels = sizes, members, labels
        self.words = nn.Conv2d(3, sizes.words, sizes.patch, stride=sizes.stride)
        self.readers = nn.Linear(POOLS * sizes.words, members * labels)

    def forward(self, seen: Tensor) -> Tensor:
        """Logits (M, B, K) of pictures (B, 3, S, S) without tone; S is at least the dictionary's side."""
        return self.read(self.features(seen))

    def features(self, seen: Tensor) -> Tensor:
        """(B, POOLS * W), means over the quarter turns."""
        sized = resized(seen, self.sizes.side)
        turned = (pooled(self.found(sized.rot90(turn, (2, 3)))) for turn in range(TURNS))
        return torch.stack([*turned]).mean(0)

    def read(self, features: Tensor) -> Tensor:
        """Logits (M, B, K) of features (B, POOLS * W)."""
        return cast(Tensor, self.readers(features)).view(-1, self.members, self.labels).transpose(0, 1)

    def spoken(self, seen: Tensor, label: Tensor) -> Tensor:
        """How much each place (B, H, H) adds to the lead of a label (B, 1), all members: slope by strength.

        Of the upright picture alone: its quarter turns find the same places, at four times the work.
        """
        found = self.found(resized(seen, self.sizes.side)).detach().requires_grad_()
        logits = self.read(pooled(found)).mean(0)
        lead = logits.gather(-1, label).squeeze(-1) - logits.mean(-1)
        slope: Tensor = torch.autograd.grad(lead.sum(), [found])[0]
        return (slope * found.detach()).sum(1)

    def found(self, sized: Tensor) -> Tensor:
        """How well each word fits at each place, (B, W, H, H), from 0; all patches have one contrast."""
        patch, stride = self.sizes.patch, self.sizes.stride
        mean = functional.avg_pool2d(sized, patch, stride).mean(1, keepdim=True)
        square = functional.avg_pool2d(sized.square(), patch, stride).mean(1, keepdim=True)
        contrast = ((square - mean.square()).clamp(min=0) + FAINT).sqrt()
        # Words sum to zero, so that a patch's mean does not speak.
        fits = functional.conv2d(sized, self.words.weight, None, stride)
        return functional.relu(fits / contrast + cast(Tensor, self.words.bias).view(1, -1, 1, 1))


def pooled(found: Tensor) -> Tensor:
    """(B, W, H, H) to (B, POOLS * W): mean, root mean square, greatest, mean of the middle; roots of them."""
    rim = found.shape[-1] // 4
    middle = found[:, :, rim : found.shape[-2] - rim, rim : found.shape[-1] - rim]
    means = (found.mean((2, 3)), found.square().mean((2, 3)), found.amax((2, 3)), middle.mean((2, 3)))
    return torch.cat([(mean + TINY).sqrt() for mean in means], 1)


def resized(seen: Tensor, side: int) -> Tensor:
    """Pictures (B, 3, S, S) at another side, made smooth before they are made small."""
    if seen.shape[-1] == side:
        return seen
    return functional.interpolate(
        seen, size=(side, side), mode="bilinear", antialias=True, align_corners=False
    )

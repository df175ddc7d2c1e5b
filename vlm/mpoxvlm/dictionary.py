"""A dictionary of textures: how often, how strongly and where small patches of a picture look like its words.

After Coates, Ng and Lee (AISTATS 2011): words are centres of whitened patches. With a thousand photographs to
learn from, a linear reader of such fixed words errs less than a network that must learn its own filters.

Shapes: B pictures, W words.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from vlm.mpoxvlm.textures import Sizes, Textures, resized

POOLS = 4
# So that a word that is nowhere in a picture has a slope, too.
TINY = 1e-8


@dataclass(frozen=True)
class DictionarySizes(Sizes):
    """So many `words`."""

    words: int


class Dictionary(Textures):
    """Words, and how they are found."""

    def __init__(self, sizes: DictionarySizes, members: int, labels: int) -> None:
        super().__init__(sizes, POOLS * sizes.words, members, labels)
        self.words = nn.Conv2d(3, sizes.words, sizes.patch, stride=sizes.stride)

    def counted(self, sized: Tensor) -> Tensor:
        """(B, POOLS * W)."""
        # What is found in one picture fits a processor's cache, in several it does not: half the time.
        at_once = 1 if sized.device.type == "cpu" else len(sized)
        return torch.cat([pooled(self.found(some)) for some in sized.split(at_once)])

    def spoken(self, seen: Tensor, label: Tensor) -> Tensor:
        """Slope by strength, of the whole upright picture alone: other views find the same places."""
        found = self.found(resized(seen, self.side)).detach().requires_grad_()
        slope: Tensor = torch.autograd.grad(self.lead(pooled(found), label), [found])[0]
        return (slope * found.detach()).sum(1)

    def found(self, sized: Tensor) -> Tensor:
        """How well each word fits at each place, (B, W, H, H), from 0; all patches have one contrast."""
        # Words sum to zero, so that a patch's mean does not speak.
        fits = functional.conv2d(sized, self.words.weight, None, self.stride)
        bias = cast(Tensor, self.words.bias).view(1, -1, 1, 1)
        # In place: fresh memory for each step takes as long as all the rest.
        return fits.div_(self.contrast(sized)).add_(bias).relu_()


def pooled(found: Tensor) -> Tensor:
    """(B, W, H, H) to (B, POOLS * W): mean, root mean square, greatest, mean of the middle; roots of them."""
    rim = found.shape[-1] // 4
    middle = found[:, :, rim : found.shape[-2] - rim, rim : found.shape[-1] - rim]
    means = (found.mean((2, 3)), found.square().mean((2, 3)), found.amax((2, 3)), middle.mean((2, 3)))
    return torch.cat([(mean + TINY).sqrt() for mean in means], 1)

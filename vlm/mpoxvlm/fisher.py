"""Fisher vectors of textures: how a picture's patches differ from those of all pictures, kind by kind.

After Perronnin, Sanchez and Mensink (ECCV 2010): patches of all pictures are told apart into a few kinds, a
mixture of Gaussians. A picture's vector says how its patches would have each kind be more frequent, moved and
wider; its roots, with their signs, are brought to length 1. Where a dictionary counts what it knows, this
tells how what is there differs from it.

Shapes: B pictures, N places, D directions in which patches are whitened, G kinds.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from vlm.mpoxvlm.textures import Sizes, Textures, resized

# So that what differs in nothing has a slope, too.
TINY = 1e-8


@dataclass(frozen=True)
class FisherSizes(Sizes):
    """So many `kinds`, told apart in so many `directions`."""

    kinds: int
    directions: int

    @property
    def features(self) -> int:
        """How long the vector is: frequency, place and width of each kind."""
        return self.kinds * (1 + 2 * self.directions)


class FisherVectors(Textures):
    """Kinds of patches, and how a picture's own differ from them."""

    def __init__(self, sizes: FisherSizes, members: int, labels: int) -> None:
        super().__init__(sizes, sizes.features, members, labels)
        self.directions = nn.Conv2d(3, sizes.directions, sizes.patch, stride=sizes.stride)
        self.middles = nn.Parameter(torch.zeros(sizes.kinds, sizes.directions))
        self.widths = nn.Parameter(torch.ones(sizes.kinds, sizes.directions))
        self.frequencies = nn.Parameter(torch.full((sizes.kinds,), 1 / sizes.kinds))

    def counted(self, sized: Tensor) -> Tensor:
        """The plain vector (B, G * (1 + 2 D))."""
        patches = self.whitened(sized)
        return self._vector(patches, patches.new_full(patches.shape[:2], 1 / patches.shape[1]))

    def finished(self, counted: Tensor) -> Tensor:
        """Roots with their signs, of length 1."""
        roots = counted.sign() * ((counted.abs() + TINY).sqrt() - TINY**0.5)
        return functional.normalize(roots, dim=1).to(self.readers.weight.dtype)

    def spoken(self, seen: Tensor, label: Tensor) -> Tensor:
        """What each place adds by being there: slope by weight, of the whole upright picture alone."""
        patches = self.whitened(resized(seen, self.side)).detach()
        count = patches.shape[1]
        weights = patches.new_full(patches.shape[:2], 1 / count).requires_grad_()
        lead = self.lead(self.finished(self._vector(patches, weights)), label)
        slope: Tensor = torch.autograd.grad(lead, [weights])[0]
        side = round(count**0.5)
        return (slope / count).view(-1, side, side)

    def whitened(self, sized: Tensor) -> Tensor:
        """Patches (B, N, D) of one contrast; in full precision, for what follows squares them."""
        # Directions sum to zero, so that a patch's mean does not speak.
        along = functional.conv2d(sized, self.directions.weight, None, self.stride) / self.contrast(sized)
        bias = cast(Tensor, self.directions.bias).view(1, -1, 1, 1)
        return (along + bias).float().flatten(2).transpose(1, 2)

    def _vector(self, patches: Tensor, weights: Tensor) -> Tensor:
        """Of patches (B, N, D) that count by weights (B, N) of sum 1."""
        middles, widths = self.middles.float(), self.widths.float()
        frequencies = self.frequencies.float()
        belongs = self._belongs(patches, middles, widths, frequencies) * weights[..., None]
        share = belongs.sum(1)
        sums = belongs.transpose(1, 2) @ patches
        squares = belongs.transpose(1, 2) @ patches.square()
        root = frequencies.sqrt()[:, None]
        moved = (sums - middles * share[..., None]) / widths / root
        spread = squares - 2 * middles * sums + (middles.square() - widths.square()) * share[..., None]
        wider = spread / widths.square() / (root * 2**0.5)
        more = (share - frequencies) / frequencies.sqrt()
        return torch.cat([moved.flatten(1), wider.flatten(1), more], 1)

    @staticmethod
    def _belongs(patches: Tensor, middles: Tensor, widths: Tensor, frequencies: Tensor) -> Tensor:
        """(B, N, G) how likely each patch is of each kind."""
        narrow = widths.square().reciprocal()
        far = (
            patches.square() @ narrow.T
            - 2 * patches @ (middles * narrow).T
            + (middles.square() * narrow).sum(1)
        )
        return (frequencies.log() - widths.log().sum(1) - far / 2).softmax(-1)

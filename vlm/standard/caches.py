"""A cache that knows where each of its rows stands, so that further tokens get the positions they would have.

In most families a token's position is the number of tokens before it. Some (M-RoPE) count a photograph as
fewer, so that the text behind it goes on from another number, row by row.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import DynamicCache


class PlacedCache(DynamicCache):
    """Keys and values of every layer in full, and per row what to add to a token's number (B, channels).

    Layers with a sliding window are kept in full too: the network masks them.
    """

    shifts: Tensor
    channelled: bool

    def place(self, positions: Tensor, attention: Tensor) -> None:
        """Remember the positions (B, L) or (channels, B, L) of what was read under the mask (B, L)."""
        self.channelled = positions.ndim == 3
        last = positions[..., -1].T if self.channelled else positions[:, -1:]
        self.shifts = last + 1 - attention.sum(-1, keepdim=True)

    def positions(self, counted: Tensor) -> Tensor:
        """From how many tokens stand before each of these (B, N) to positions in the form that was placed."""
        if not self.channelled:
            return counted + self.shifts
        return counted[None] + self.shifts.T[:, :, None]

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Each row `repeats` times."""
        super().batch_repeat_interleave(repeats)
        self.shifts = self.shifts.repeat_interleave(repeats, dim=0)

    def batch_select_indices(self, indices: Tensor) -> None:
        """These rows only."""
        super().batch_select_indices(indices)
        self.shifts = self.shifts[indices]


def stacked(caches: Sequence[PlacedCache]) -> PlacedCache:
    """Caches of one row each as one, the shorter ones padded in front (masked by who reads on)."""
    whole = PlacedCache()
    longest = max(cache.get_seq_length() for cache in caches)
    for number in range(len(caches[0].layers)):
        layers: list[Any] = [cache.layers[number] for cache in caches]
        keys = torch.cat([_lengthened(layer.keys, longest) for layer in layers])
        whole.update(keys, torch.cat([_lengthened(layer.values, longest) for layer in layers]), number)
    whole.channelled = caches[0].channelled
    whole.shifts = torch.cat([cache.shifts for cache in caches])
    return whole


def _lengthened(states: Tensor, length: int) -> Tensor:
    return pad(states, (0, 0, length - states.shape[-2], 0))

"""Left padding, and the masks and positions of tokens behind it.

Shapes: B rows, L their padded length, N further tokens. All rows are padded on their left and positions count
the tokens that are not masked, so that a batch gives what its members give alone.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def left_padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask (B, L), on the CPU."""
    length = max(len(row) for row in rows)
    ids = torch.tensor([[pad] * (length - len(row)) + list(row) for row in rows])
    attention = torch.tensor([[0] * (length - len(row)) + [1] * len(row) for row in rows])
    return ids, attention


def positions_of(attention: Tensor, last: int | None = None) -> Tensor:
    """Positions (B, L) of a mask (B, L), or of its last columns only; 0 where it is masked."""
    positions = (attention.cumsum(-1) - 1).clamp(min=0)
    return positions if last is None else positions[:, -last:]

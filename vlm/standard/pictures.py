"""Picture inputs of any shape, packed so that those of several rows can be joined along one dimension.

A packed input is its numbers in a line, and beside it, under the name with `SHAPE`, its shape. Families
differ in how many patches or tiles a photograph makes; unpacked rows are joined as their processors join a
batch: padded with zeros behind.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

SHAPE = ".shape"


def packed(inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Each input (of any shape) as a line of numbers and its shape (1, dimensions)."""
    lines = {name: tensor.reshape(-1) for name, tensor in inputs.items()}
    return lines | {name + SHAPE: torch.tensor([tensor.shape]) for name, tensor in inputs.items()}


def unpacked(pictures: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """The inputs of each row."""
    names = [name for name in pictures if not name.endswith(SHAPE)]
    rows: list[dict[str, Tensor]] = [{} for _ in pictures[names[0] + SHAPE]] if names else []
    for name in names:
        shapes = pictures[name + SHAPE].tolist()
        parts = pictures[name].split([_size(shape) for shape in shapes])
        for row, part, shape in zip(rows, parts, shapes, strict=True):
            row[name] = part.view(shape)
    return rows


def joined(parts: Sequence[Tensor]) -> Tensor:
    """One input of several rows, one behind the other; smaller ones padded with zeros behind."""
    largest = [max(sizes) for sizes in zip(*(part.shape[1:] for part in parts), strict=True)]
    return torch.cat([_grown(part, largest) for part in parts])


def joined_at_the_end(parts: Sequence[Tensor], length: int) -> Tensor:
    """An input with a number for each token of a row (1, its length), padded in front (B, length)."""
    return torch.cat([pad(part, (length - part.shape[1], 0)) for part in parts])


def _grown(part: Tensor, sizes: list[int]) -> Tensor:
    missing = [size - own for size, own in zip(sizes, part.shape[1:], strict=True)]
    return pad(part, [amount for last in reversed(missing) for amount in (0, last)])


def _size(shape: list[int]) -> int:
    return int(torch.Size(shape).numel())

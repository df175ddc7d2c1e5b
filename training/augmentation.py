"""Random views of photographs: place, turn, light and skin tone.

Skin tone is confounded with the condition in the public photographs, so tone is shifted hard: what a model
may not learn from is made to vary.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from vlm.mpoxvlm.preprocessing import MEAN, STD


def normalise(pixels: Tensor) -> Tensor:
    """(B, 3, S, S) in 0 to 1, as the towers read it."""
    mean, std = torch.from_numpy(MEAN).view(1, 3, 1, 1), torch.from_numpy(STD).view(1, 3, 1, 1)
    return (pixels - mean) / std


def plain_view(pixels: Tensor, side: int) -> Tensor:
    """(B, S, S, 3) uint8 to the normalised whole picture (B, 3, side, side)."""
    scaled = functional.interpolate(
        _channels_first(pixels), size=(side, side), mode="bicubic", antialias=True, align_corners=False
    )
    return normalise(scaled.clamp(0, 1))


def random_view(pixels: Tensor, side: int, chance: torch.Generator) -> Tensor:
    """(B, S, S, 3) uint8 to a normalised random view (B, 3, side, side)."""
    picture = shift_tone(_random_place(_channels_first(pixels), side, chance), chance)
    return _cut_out(normalise(picture), chance)


def shift_tone(picture: Tensor, chance: torch.Generator) -> Tensor:
    """Lighter or darker skin (gamma; darker is warmer), another light (gain by channel), another contrast."""
    count = picture.shape[0]
    tone = _uniform(chance, count, -0.5, 0.5)
    warmth = torch.stack([-0.15 * tone, torch.zeros_like(tone), 0.2 * tone], dim=1)
    gamma = (tone[:, None] + warmth).exp().view(count, 3, 1, 1)
    gain = (1 + 0.12 * (torch.rand(count, 3, 1, 1, generator=chance) * 2 - 1)).float()
    contrast = _uniform(chance, count, 0.75, 1.25).view(count, 1, 1, 1)
    shifted = picture.clamp(1e-3, 1).pow(gamma) * gain
    middle = shifted.mean(dim=(1, 2, 3), keepdim=True)
    return (middle + (shifted - middle) * contrast).clamp(0, 1)


def _channels_first(pixels: Tensor) -> Tensor:
    return pixels.permute(0, 3, 1, 2).float() / 255.0


def _uniform(chance: torch.Generator, count: int, low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=chance)


def _random_place(picture: Tensor, side: int, chance: torch.Generator) -> Tensor:
    """A turned, mirrored, scaled and moved crop."""
    count = picture.shape[0]
    angle = _uniform(chance, count, -math.pi, math.pi)
    scale = _uniform(chance, count, 0.6, 1.0)
    stretch = _uniform(chance, count, 0.85, 1.18)
    mirror = torch.where(torch.rand(count, generator=chance) < 0.5, -1.0, 1.0)
    room = 1 - scale
    shift_x = room * _uniform(chance, count, -1, 1)
    shift_y = room * _uniform(chance, count, -1, 1)
    cos, sin = angle.cos() * scale, angle.sin() * scale
    first = torch.stack([cos * mirror, -sin * stretch, shift_x], dim=1)
    second = torch.stack([sin * mirror, cos * stretch, shift_y], dim=1)
    grid = functional.affine_grid(
        torch.stack([first, second], dim=1), [count, 3, side, side], align_corners=False
    )
    return functional.grid_sample(
        picture, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def _cut_out(picture: Tensor, chance: torch.Generator) -> Tensor:
    """A square of a third of the width is hidden in three of ten views, so that no single mark decides."""
    count, _, side, _ = picture.shape
    edge = side // 3
    corner = torch.randint(0, side - edge, (count, 2), generator=chance)
    hidden = torch.rand(count, generator=chance) < 0.3
    axis = torch.arange(side)
    rows = (axis >= corner[:, :1]) & (axis < corner[:, :1] + edge)
    columns = (axis >= corner[:, 1:]) & (axis < corner[:, 1:] + edge)
    mask = hidden.view(-1, 1, 1) & rows[:, :, None] & columns[:, None, :]
    return picture.masked_fill(mask[:, None], 0.0)

"""Random views of photographs, from 0 to 1: place, tone, light, sharpness, mixtures.

All chance comes from the generator given, else from torch's own.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from training.bundled.plan import Views


def view(pixels: Tensor, side: int, plan: Views, chance: torch.Generator) -> Tensor:
    """(B, S, S, 3) uint8 to a random view (B, 3, side, side)."""
    placed = _placed(_channels_first(pixels), side, plan.crop, chance)
    return _blurred(_toned(placed.clamp(0, 1), plan, chance), chance)


def mixed(
    views: Tensor, labels: Tensor, share: float, chance: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """In `share` of the batches, half by mixup (Zhang 2018) and half by CutMix (Yun 2019)."""
    drawn = float(torch.rand(1, generator=chance))
    if drawn >= share:
        return views, labels
    order = torch.randperm(len(views), generator=chance)
    if drawn < share / 2:
        kept = _uniform(chance, len(views), 0.5, 1.0)
        part = kept.view(-1, 1, 1, 1)
        together = views * part + views[order] * (1 - part)
    else:
        together, kept = _pasted(views, views[order], chance)
    return together, labels * kept[:, None] + labels[order] * (1 - kept[:, None])


def _pasted(views: Tensor, others: Tensor, chance: torch.Generator | None) -> tuple[Tensor, Tensor]:
    """A square of other photographs; the share that is left of the first ones."""
    side = views.shape[-1]
    edge = int(side * float(_uniform(chance, 1, 0.0, 0.5)) ** 0.5)
    top, left = torch.randint(0, side - edge + 1, (2,), generator=chance).tolist()
    together = views.clone()
    square = (..., slice(top, top + edge), slice(left, left + edge))
    together[square] = others[square]
    return together, torch.full((len(views),), 1 - edge**2 / side**2)


def _channels_first(pixels: Tensor) -> Tensor:
    return pixels.permute(0, 3, 1, 2).float() / 255.0


def _uniform(chance: torch.Generator | None, count: int, low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=chance)


def _placed(picture: Tensor, side: int, crop: float, chance: torch.Generator) -> Tensor:
    """A turned, mirrored, stretched and moved crop."""
    count = len(picture)
    angle, scale = _uniform(chance, count, -math.pi, math.pi), _uniform(chance, count, crop, 1.0)
    stretch = _uniform(chance, count, 0.85, 1.18)
    mirror = torch.where(torch.rand(count, generator=chance) < 0.5, -1.0, 1.0)
    right, down = ((1 - scale) * _uniform(chance, count, -1, 1) for _ in range(2))
    cos, sin = angle.cos() * scale, angle.sin() * scale
    rows = [
        torch.stack([cos * mirror, -sin * stretch, right], 1),
        torch.stack([sin * mirror, cos * stretch, down], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), [count, 3, side, side], align_corners=False)
    return functional.grid_sample(
        picture, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def _toned(picture: Tensor, plan: Views, chance: torch.Generator) -> Tensor:
    """Lighter or darker (darker is warmer), under another light, with another contrast and saturation."""
    count = len(picture)
    tone = _uniform(chance, count, -plan.tone, plan.tone)
    warmth = torch.stack([-0.15 * tone, torch.zeros_like(tone), 0.2 * tone], 1)
    gamma = (tone[:, None] + warmth).exp().view(count, 3, 1, 1)
    gain = 1 + 0.15 * (torch.rand(count, 3, 1, 1, generator=chance) * 2 - 1)
    contrast = _uniform(chance, count, 0.7, 1.3).view(-1, 1, 1, 1)
    saturation = _uniform(chance, count, 0.5, 1.4)
    faded = torch.rand(count, generator=chance) < plan.grey
    saturation = torch.where(faded, saturation * 0.2, saturation).view(-1, 1, 1, 1)
    shifted = picture.clamp(1e-3, 1).pow(gamma) * gain
    middle = shifted.mean((1, 2, 3), keepdim=True)
    shifted = middle + (shifted - middle) * contrast
    grey = shifted.mean(1, keepdim=True)
    return (grey + (shifted - grey) * saturation).clamp(0, 1)


def _blurred(picture: Tensor, chance: torch.Generator) -> Tensor:
    """One view in five loses its sharpness: so do photographs of telephones."""
    chosen = (torch.rand(len(picture), generator=chance) < 0.2).view(-1, 1, 1, 1)
    soft = functional.avg_pool2d(picture, 3, stride=1, padding=1, count_include_pad=False)
    return torch.where(chosen, soft, picture)

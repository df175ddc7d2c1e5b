"""Where the lesion classifier looked: an overlay for each photograph, made of gradients.

Integrated gradients (Sundararajan, Taly and Yan 2017) over the patch embeddings: from the mean patch to
what the photograph shows, how much each patch adds to the lead of the most probable label. A single gradient
misses what a sure classifier looks at. The overlay shows that, not the border of a lesion.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional
from transformers import ViTForImageClassification

from vlm.mpoxvlm.lesion import LesionCommittee, LesionViT
from vlm.mpoxvlm.textures import Textures

# The overlay's longer side in pixels: enough for a grid of patches, and a small file.
LONGEST_SIDE = 256
# Few steps make few contours, and contours make small files.
STEPS = 12
# From hardly to most: the ends and middle of cividis, made for colour-blind people, blue to yellow.
RAMP = ((0, 34, 78), (66, 78, 108), (125, 124, 120), (187, 175, 106), (254, 232, 56))
STRONGEST_ALPHA = 190
# Points on the way from the mean patch where the gradient is taken: each costs as much as all else. Members
# of a committee share them.
GRADIENTS = 4


def overlays(
    classifier: ViTForImageClassification, pixel_values: Tensor, images: Sequence[Image.Image]
) -> list[bytes]:
    """A PNG for each photograph, of its aspect ratio, transparent where the classifier did not look.

    `pixel_values` (B, 3, S, S): the centred squares of the images. The PNG holds nothing of the photograph.
    """
    maps = patch_relevance(classifier, pixel_values).cpu().numpy()
    return [_png(_drawn(relevance, image.size)) for relevance, image in zip(maps, images, strict=True)]


def patch_relevance(classifier: ViTForImageClassification, pixel_values: Tensor) -> Tensor:
    """(B, G, G) on the grid of patches, 0 to 1, 1 where most; all zero where nothing speaks for the label."""
    # Tensors made in inference mode take no gradient, and a caller may well be in it: hence a fresh copy.
    with torch.inference_mode(False), torch.enable_grad():
        pixels = pixel_values.detach().clone()
        with torch.no_grad():
            label = classifier(pixels).logits.argmax(dim=-1, keepdim=True)
        spoken = _of(classifier, pixels, label)
    positive = spoken.clamp(min=0)
    greatest = positive.amax(dim=(1, 2), keepdim=True).clamp(min=torch.finfo(torch.float32).tiny)
    return positive / greatest


def _of(classifier: ViTForImageClassification, pixels: Tensor, label: Tensor) -> Tensor:
    if isinstance(classifier, LesionCommittee):
        return _by_committee(classifier, pixels, label)
    return _map(classifier, pixels, label, _points(GRADIENTS))


def _by_committee(committee: LesionCommittee, pixels: Tensor, label: Tensor) -> Tensor:
    """(B, G, G) on the ViTs' patches: ViTs and dictionaries, by their shares.

    What a dictionary finds is held against its mean over the picture, as patches are against the mean patch.
    """
    with torch.no_grad():
        seen = committee.seen(pixels)
    share, *shares = committee.config.shares
    shown = committee.seen_by_members(seen)
    points = _points(max(GRADIENTS, len(committee.members)))
    maps = [
        _map(cast(LesionViT, member), shown, label, points[number :: len(committee.members)])
        for number, member in enumerate(committee.members)
    ]
    spoken = share * torch.stack(maps).mean(0)
    for share, dictionary in zip(shares, committee.dictionaries, strict=True):
        places = cast(Textures, dictionary).spoken(seen, label)
        summed = functional.adaptive_avg_pool2d(places, spoken.shape[-1]) * places[0].numel()
        summed = summed / spoken[0].numel()
        spoken = spoken + share * (summed - summed.mean(dim=(1, 2), keepdim=True))
    return cast(Tensor, spoken)


def _points(count: int) -> list[float]:
    return [(number + 0.5) / count for number in range(count)]


def _map(
    network: ViTForImageClassification, pixels: Tensor, label: Tensor, points: Sequence[float]
) -> Tensor:
    spoken = _spoken(network, pixels, label, points)
    side = round(spoken.shape[1] ** 0.5)
    return spoken.view(-1, side, side)


def _spoken(
    network: ViTForImageClassification, pixels: Tensor, label: Tensor, points: Sequence[float]
) -> Tensor:
    """How much each patch (B, P) adds to the label's lead in one network."""
    with torch.no_grad():
        embedded = network.vit.embeddings.patch_embeddings(pixels)
    mean = embedded.mean(dim=1, keepdim=True)
    slope = torch.zeros_like(embedded, dtype=torch.float32)
    for point in points:
        on_the_way = mean + point * (embedded - mean)
        slope += _slope(network, pixels, on_the_way, label).float() / len(points)
    spoken: Tensor = (slope * (embedded - mean).float()).sum(-1)
    return spoken


def _slope(classifier: ViTForImageClassification, pixels: Tensor, patches: Tensor, label: Tensor) -> Tensor:
    """The gradient, by patches (B, P, V) in the place of the photograph's own, of the label's lead."""
    patches = patches.detach().requires_grad_()
    hook = classifier.vit.embeddings.patch_embeddings.register_forward_hook(lambda *_: patches)
    try:
        logits = classifier(pixels).logits
    finally:
        hook.remove()
    lead = logits.gather(-1, label).squeeze(-1) - logits.mean(dim=-1)
    slope: Tensor = torch.autograd.grad(lead.sum(), [patches])[0]
    return slope


def _drawn(relevance: NDArray[np.float32], size: tuple[int, int]) -> Image.Image:
    """The map in colour on the centred square of a picture of this aspect ratio."""
    scale = LONGEST_SIDE / max(size)
    width, height = (max(1, round(length * scale)) for length in size)
    edge = min(width, height)
    grid = Image.fromarray(relevance.astype(np.float32))
    smooth = np.asarray(grid.resize((edge, edge), Image.Resampling.BILINEAR)).clip(0, 1)
    coloured = Image.fromarray(_colours()[np.rint(smooth * STEPS).astype(np.intp)])
    picture = Image.new("RGBA", (width, height))
    picture.paste(coloured, ((width - edge) // 2, (height - edge) // 2))
    return picture


def _colours() -> NDArray[np.uint8]:
    """(STEPS + 1, 4) RGBA: step 0 is wholly transparent, later ones are more and more opaque."""
    steps = np.linspace(0, 1, STEPS + 1)
    places = np.linspace(0, 1, len(RAMP))
    channels = [np.interp(steps, places, [colour[i] for colour in RAMP]) for i in range(3)]
    table = np.stack([*channels, steps * STRONGEST_ALPHA], axis=-1).round().astype(np.uint8)
    table[0] = 0
    return table


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()

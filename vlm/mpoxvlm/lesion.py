"""The enhanced ViT lesion classifier: a convolutional stem, colours standardised, several members that vote.

A ViT learns too little from a thousand photographs: its patches are therefore made by a small residual
network. Each photograph's colours are standardised, because in the public photographs the tone of the skin
goes with the condition: what brightens or tints a whole picture must not speak for one. Knows no condition.

Shapes: B pictures of S pixels a side, P patches, V the width, K labels, M members.
"""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModelForImageClassification, ViTConfig, ViTForImageClassification
from transformers.modeling_outputs import ImageClassifierOutput

# A picture of one colour has no contrast to bring to one.
LEAST_CONTRAST = 0.15


class LesionViTConfig(ViTConfig):
    """A ViT's fields, and:

    `stem_widths`: channels of the stem's layers, each of which halves the picture; `patch_size` is derived.
    `members`: how many networks of this kind vote. `temperature` divides the logits of each.
    """

    model_type = "lesion_vit"

    stem_widths: Any = (24, 48, 96, 192)
    members: int = 1
    temperature: float = 1.0

    def __post_init__(self, **kwargs: object) -> None:
        """Derive the patch from the stem. Raises `ValueError` naming the field that does not fit."""
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]
        self.stem_widths = tuple(self.stem_widths)
        if len(self.stem_widths) < 2 or min(self.stem_widths) < 1:
            raise ValueError(f"stem_widths {self.stem_widths}: give two widths or more")
        if self.members < 1:
            raise ValueError(f"members {self.members}: give 1 or more")
        if not self.temperature > 0:
            raise ValueError(f"temperature {self.temperature}: give a number above 0")
        self.patch_size = 2 ** len(self.stem_widths)


class LesionViT(ViTForImageClassification):
    """One member: transformers' ViT behind a stem; the mean of its patches is classified."""

    config_class = LesionViTConfig

    def __init__(self, config: LesionViTConfig) -> None:
        super().__init__(config)
        stem = Stem(config)
        self.vit.embeddings.patch_embeddings.projection = cast(Any, stem)
        self.post_init()  # type: ignore[no-untyped-call]
        # After transformers, whose fresh weights for convolutions are too small for a deep stem.
        stem.start()

    def forward(self, pixel_values: Tensor, **_: Any) -> ImageClassifierOutput:
        """`logits` (B, K) of pictures (B, 3, S, S)."""
        return ImageClassifierOutput(logits=cast(Any, self.look(pixel_values).logits))

    def look(self, pixel_values: Tensor) -> "Look":
        """All that one member makes of pictures (B, 3, S, S)."""
        patches = self.vit(pixel_values).last_hidden_state[:, 1:]
        token = patches.mean(dim=1)
        return Look(patches, token, self.classifier(token) / self.config.temperature)


@dataclass(frozen=True)
class Look:
    """What a lesion classifier makes of pictures: patches (B, P, V), their token (B, V), logits (B, K)."""

    patches: Tensor
    token: Tensor
    logits: Tensor


class LesionCommittee(ViTForImageClassification):
    """Members that learnt from different parts of the data; the mean of their log-probabilities counts."""

    config_class = LesionViTConfig

    def __init__(self, config: LesionViTConfig) -> None:
        # Not ViTForImageClassification's own: a committee has members in the place of a network.
        super(ViTForImageClassification, self).__init__(config)
        self.members = nn.ModuleList([LesionViT(config) for _ in range(config.members)])
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(self, pixel_values: Tensor, **_: Any) -> ImageClassifierOutput:
        """`logits` (B, K) of pictures (B, 3, S, S): log-probabilities but for a constant."""
        return ImageClassifierOutput(logits=cast(Any, self.look(pixel_values).logits))

    def look(self, pixel_values: Tensor) -> Look:
        """Means over the members."""
        looks = [cast(LesionViT, member).look(pixel_values) for member in self.members]
        votes = torch.stack([look.logits.log_softmax(-1) for look in looks])
        return Look(
            torch.stack([look.patches for look in looks]).mean(0),
            torch.stack([look.token for look in looks]).mean(0),
            votes.mean(0),
        )


class Stem(nn.Module):
    """Pictures (B, 3, S, S) to patches (B, V, S / patch_size, S / patch_size)."""

    def __init__(self, config: LesionViTConfig) -> None:
        super().__init__()
        first, *others = config.stem_widths
        self.first = _convolution(3, first, stride=2)
        self.blocks = nn.ModuleList(
            [Halving(a, b) for a, b in zip(config.stem_widths[:-1], others, strict=True)]
        )
        self.patches = nn.Conv2d(config.stem_widths[-1], config.hidden_size, 1)

    @property
    def weight(self) -> Tensor:
        """Where transformers looks for the precision of the patches."""
        return self.patches.weight

    def start(self) -> None:
        """Fresh weights: torch's own, and blocks that at first only hand on."""
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)):
                module.reset_parameters()
        for block in self.blocks:
            nn.init.zeros_(cast(Tensor, cast(Halving, block).second[1].weight))

    def forward(self, pixel_values: Tensor) -> Tensor:
        """See the class."""
        seen = self.first(standardised(pixel_values))
        for block in self.blocks:
            seen = block(seen)
        return cast(Tensor, self.patches(seen))


class Halving(nn.Module):
    """A residual block that halves the picture and widens it."""

    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        self.one = _convolution(inner, outer, stride=2)
        self.second = nn.Sequential(nn.Conv2d(outer, outer, 3, padding=1, bias=False), nn.BatchNorm2d(outer))
        self.past = nn.Sequential(
            nn.AvgPool2d(2), nn.Conv2d(inner, outer, 1, bias=False), nn.BatchNorm2d(outer)
        )

    def forward(self, seen: Tensor) -> Tensor:
        """(B, inner, S, S) to (B, outer, S / 2, S / 2)."""
        return functional.relu(self.past(seen) + self.second(self.one(seen)))


def standardised(pixel_values: Tensor) -> Tensor:
    """Each colour of each picture with mean 0 and deviation 1, as far as there is contrast."""
    mean = pixel_values.mean(dim=(2, 3), keepdim=True)
    deviation = pixel_values.std(dim=(2, 3), keepdim=True).clamp(min=LEAST_CONTRAST)
    return (pixel_values - mean) / deviation


def _convolution(inner: int, outer: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inner, outer, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(inplace=True),
    )


AutoConfig.register("lesion_vit", LesionViTConfig)
AutoModelForImageClassification.register(LesionViTConfig, LesionCommittee)

"""The enhanced ViT lesion classifier: a convolutional stem, dictionaries beside it, members that vote.

A ViT learns too little from a thousand photographs: its patches are therefore made by a small residual
network, and fixed dictionaries of textures (`vlm.mpoxvlm.textures`) look beside it. All see a picture
without its tone (`vlm.mpoxvlm.colours`). Knows no condition.

Shapes: B pictures of S pixels a side, P patches, V the width, K labels, M members.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModelForImageClassification, ViTConfig, ViTForImageClassification
from transformers.modeling_outputs import ImageClassifierOutput

from vlm.mpoxvlm.colours import without_tone
from vlm.mpoxvlm.dictionary import Dictionary, DictionarySizes
from vlm.mpoxvlm.fisher import FisherSizes, FisherVectors
from vlm.mpoxvlm.preprocessing import MEAN, STD
from vlm.mpoxvlm.textures import Textures, resized


class LesionViTConfig(ViTConfig):
    """A ViT's fields, and:

    `stem_widths`: channels of the stem's layers, each of which halves the picture; `patch_size` is derived.
    `seen_side`: to so many pixels a ViT's picture is brought; `image_size` where not given.
    `dictionaries`: their sizes, as `DictionarySizes` or `FisherSizes` has them. `members`: how many vote,
    each a ViT with one head on each dictionary. `shares` weigh the log-probabilities of the ViT and of each
    dictionary, and `bias` (K) is added to their sum. `image_mean`, `image_std`: how pixels were normalised.
    """

    model_type = "lesion_vit"

    stem_widths: Any = (24, 48, 96, 192)
    seen_side: Any = None
    dictionaries: Any = ()
    members: int = 1
    shares: Any = None
    bias: Any = None
    image_mean: Any = tuple(MEAN.tolist())
    image_std: Any = tuple(STD.tolist())

    def __post_init__(self, **kwargs: object) -> None:
        """Derive the patch from the stem. Raises `ValueError` naming the field that does not fit."""
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]
        self.stem_widths = tuple(self.stem_widths)
        if len(self.stem_widths) < 2 or min(self.stem_widths) < 1:
            raise ValueError(f"stem_widths {self.stem_widths}: give two widths or more")
        if self.members < 1:
            raise ValueError(f"members {self.members}: give 1 or more")
        self.dictionaries = tuple(self.dictionaries)
        self.shares = tuple(self.shares or [1.0] * (1 + len(self.dictionaries)))
        if len(self.shares) != 1 + len(self.dictionaries):
            raise ValueError(f"shares {self.shares}: give one for the ViT and one for each dictionary")
        labels = len(self.id2label or {})
        self.bias = tuple(self.bias or [0.0] * labels)
        if len(self.bias) != labels:
            raise ValueError(f"bias {self.bias}: give {labels} numbers, one for each label")
        self.patch_size = 2 ** len(self.stem_widths)


class LesionViT(ViTForImageClassification):
    """The ViT of one member: transformers' own behind a stem; the mean of its patches is classified.

    It reads pictures as `LesionCommittee.seen` makes them: without tone.
    """

    config_class = LesionViTConfig

    def __init__(self, config: LesionViTConfig) -> None:
        super().__init__(config)
        stem = Stem(config)
        self.vit.embeddings.patch_embeddings.projection = cast(Any, stem)
        self.post_init()  # type: ignore[no-untyped-call]
        # After transformers, whose fresh weights for convolutions are too small for a deep stem.
        stem.start()

    def forward(self, pixel_values: Tensor, **_: Any) -> ImageClassifierOutput:
        """`logits` (B, K) of pictures (B, 3, S, S) without tone."""
        return ImageClassifierOutput(logits=cast(Any, self.look(pixel_values).logits))

    def look(self, seen: Tensor) -> "Look":
        """All that one ViT makes of pictures (B, 3, S, S) without tone."""
        patches = self.vit(seen).last_hidden_state[:, 1:]
        token = patches.mean(dim=1)
        return Look(patches, token, self.classifier(token))


@dataclass(frozen=True)
class Look:
    """What a lesion classifier makes of pictures: patches (B, P, V), their token (B, V), logits (B, K)."""

    patches: Tensor
    token: Tensor
    logits: Tensor


class LesionCommittee(ViTForImageClassification):
    """Members that learnt from different parts of the data; the mean of their log-probabilities counts.

    A member weighs what its ViT says and what it reads in each dictionary.
    """

    config_class = LesionViTConfig

    def __init__(self, config: LesionViTConfig) -> None:
        # Not ViTForImageClassification's own: a committee has members in the place of a network.
        super(ViTForImageClassification, self).__init__(config)
        member = LesionViTConfig(**config.to_dict() | {"image_size": config.seen_side or config.image_size})
        self.members = nn.ModuleList([LesionViT(member) for _ in range(config.members)])
        labels = int(config.num_labels or 0)
        sizes = [sizes_of(told) for told in config.dictionaries]
        self.dictionaries = nn.ModuleList([textures_of(each, config.members, labels) for each in sizes])
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(self, pixel_values: Tensor, **_: Any) -> ImageClassifierOutput:
        """`logits` (B, K) of pictures (B, 3, S, S): log-probabilities but for a constant."""
        return ImageClassifierOutput(logits=cast(Any, self.look(pixel_values).logits))

    def seen(self, pixel_values: Tensor) -> Tensor:
        """Pictures without tone (B, 3, S, S) of normalised ones."""
        mean, deviation = (
            torch.tensor(numbers, device=pixel_values.device).view(1, 3, 1, 1)
            for numbers in (self.config.image_mean, self.config.image_std)
        )
        return without_tone(pixel_values.float() * deviation + mean).to(pixel_values.dtype)

    def seen_by_members(self, seen: Tensor) -> Tensor:
        """Pictures without tone at the side that the ViTs read."""
        return resized(seen, int(self.config.seen_side or cast(int, self.config.image_size)))

    def look(self, pixel_values: Tensor) -> Look:
        """Means over the members of normalised pictures (B, 3, S, S)."""
        seen = self.seen(pixel_values)
        looks = [cast(LesionViT, member).look(self.seen_by_members(seen)) for member in self.members]
        said = [torch.stack([look.logits for look in looks]), *(read(seen) for read in self.dictionaries)]
        return Look(
            torch.stack([look.patches for look in looks]).mean(0),
            torch.stack([look.token for look in looks]).mean(0),
            self.weighed(said).mean(0),
        )

    def weighed(self, said: Sequence[Tensor]) -> Tensor:
        """Log-probabilities (M, B, K) of members, of the logits (M, B, K) of their ViTs and dictionaries."""
        shares = self.config.shares
        weighed = [share * logits.log_softmax(-1) for share, logits in zip(shares, said, strict=True)]
        together = torch.stack(weighed).sum(0)
        return (together + torch.tensor(self.config.bias).to(together)).log_softmax(-1)


def sizes_of(told: dict[str, int]) -> DictionarySizes | FisherSizes:
    """A dictionary's sizes as a configuration tells them: one of words, or one of kinds (Fisher vectors)."""
    return FisherSizes(**told) if "kinds" in told else DictionarySizes(**told)


def textures_of(sizes: DictionarySizes | FisherSizes, members: int, labels: int) -> Textures:
    """A dictionary of these sizes that has learnt nothing yet."""
    if isinstance(sizes, FisherSizes):
        return FisherVectors(sizes, members, labels)
    return Dictionary(sizes, members, labels)


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
        seen = self.first(pixel_values)
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


def _convolution(inner: int, outer: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inner, outer, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(inplace=True),
    )


AutoConfig.register("lesion_vit", LesionViTConfig)
AutoModelForImageClassification.register(LesionViTConfig, LesionCommittee)

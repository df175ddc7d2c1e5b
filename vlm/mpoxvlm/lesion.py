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
from transformers import AutoConfig, AutoModelForImageClassification, ViTForImageClassification
from transformers.modeling_outputs import ImageClassifierOutput

from vlm.mpoxvlm.colours import without_tone
from vlm.mpoxvlm.dictionary import Dictionary, DictionarySizes
from vlm.mpoxvlm.fisher import FisherSizes, FisherVectors
from vlm.mpoxvlm.lesion_config import LesionViTConfig
from vlm.mpoxvlm.stem import Stem
from vlm.mpoxvlm.textures import Textures, resized


class LesionViT(ViTForImageClassification):
    """The ViT of one member: transformers' own behind a stem; the mean of its patches is classified.

    It reads pictures as `LesionCommittee.seen` makes them: without tone.
    """

    config_class = LesionViTConfig

    def __init__(self, config: LesionViTConfig) -> None:
        super().__init__(config)
        stem = Stem(config.stem_widths, config.hidden_size)
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


AutoConfig.register("lesion_vit", LesionViTConfig)
AutoModelForImageClassification.register(LesionViTConfig, LesionCommittee)

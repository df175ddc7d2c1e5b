"""Sizes and shares of the enhanced ViT lesion classifier."""

from typing import Any

from transformers import ViTConfig

from vlm.mpoxvlm.preprocessing import MEAN, STD


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

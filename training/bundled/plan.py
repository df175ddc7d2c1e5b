"""Every number of the recipe in one place; it is saved with the run."""

from dataclasses import asdict, dataclass, field
from typing import Any

from vlm.mpoxvlm.dictionary import DictionarySizes
from vlm.mpoxvlm.fisher import FisherSizes


@dataclass(frozen=True)
class Steps:
    """How one part is optimised: AdamW, linear warm-up over 5 % of the steps, then a cosine to zero.

    A checkpoint every `checkpoint_minutes`; where it falls changes nothing.
    """

    steps: int
    batch: int
    learning_rate: float
    weight_decay: float = 0.05
    checkpoint_minutes: float = 5.0


@dataclass(frozen=True)
class Views:
    """How hard photographs are changed in training.

    `crop`: the smallest share of the side that is shown. `tone`: the largest exponent, as a logarithm, that
    lightens or darkens; `grey`: share of views that lose most of their colour. `mixed`: share of batches that
    are mixed (by mixup or a pasted square).
    """

    crop: float = 0.55
    tone: float = 0.4
    grey: float = 0.2
    mixed: float = 0.15


@dataclass(frozen=True)
class Plan:
    """The recipe. `cache_side` is the width at which photographs are kept in memory, `side` what the model is
    given, `seen_side` what its lesion ViTs read of that.

    `freedom`: how large the weights of a dictionary's reader may grow (C of the logistic regression).
    `average`: how slowly the average of weights follows. `evidence`: how far the patients' table is believed.
    `specificity`: where the operating point for mpox is put, on out-of-fold answers.
    """

    seed: int = 20261125
    folds: int = 5
    side: int = 128
    seen_side: int = 96
    cache_side: int = 176
    stem_widths: tuple[int, ...] = (24, 48, 96, 192)
    dictionaries: tuple[DictionarySizes | FisherSizes, ...] = (
        DictionarySizes(side=128, patch=8, stride=4, words=400),
        FisherSizes(side=64, patch=6, stride=2, kinds=64, directions=80),
        FisherSizes(side=128, patch=8, stride=4, kinds=32, directions=100),
    )
    freedom: float = 0.02
    lesion_width: int = 192
    lesion_layers: int = 3
    clip_width: int = 96
    clip_layers: int = 4
    text_width: int = 128
    text_layers: int = 4
    vocabulary: int = 1100
    prompt_tokens: int = 2
    label_smoothing: float = 0.05
    average: float = 0.998
    evidence: float = 0.8
    specificity: float = 0.91
    views: Views = field(default_factory=Views)
    member: Steps = field(default_factory=lambda: Steps(steps=2500, batch=48, learning_rate=2e-3))
    clip: Steps = field(default_factory=lambda: Steps(steps=500, batch=64, learning_rate=8e-4))
    decoder: Steps = field(default_factory=lambda: Steps(steps=3000, batch=32, learning_rate=2e-3))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the run's config.json."""
        return asdict(self)

"""Every number of a training run in one place; it is saved with the run."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Stage:
    """How one stage is optimised."""

    steps: int
    batch: int
    learning_rate: float
    weight_decay: float = 0.05


@dataclass(frozen=True)
class Plan:
    """Sizes of the model, stages of the training, seed.

    `cache_side` is the width the photographs are kept at in memory; `views` is how many augmented views of
    each one the decoder is trained on. `reliability_cases` and `bootstrap_draws` belong to the validation.
    """

    seed: int = 20240620
    side: int = 96
    patch: int = 12
    cache_side: int = 128
    vision_width: int = 96
    lesion_layers: int = 5
    clip_layers: int = 4
    text_width: int = 128
    text_layers: int = 4
    vocabulary: int = 1100
    views: int = 6
    reliability_cases: int = 500
    bootstrap_draws: int = 2000
    lesion: Stage = field(default_factory=lambda: Stage(steps=2600, batch=48, learning_rate=1e-3))
    clip: Stage = field(default_factory=lambda: Stage(steps=700, batch=64, learning_rate=8e-4))
    decoder: Stage = field(default_factory=lambda: Stage(steps=2400, batch=32, learning_rate=2e-3))
    joint: Stage = field(default_factory=lambda: Stage(steps=600, batch=24, learning_rate=6e-4))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the run's config.json."""
        return asdict(self)

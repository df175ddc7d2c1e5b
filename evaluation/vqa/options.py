"""What one evaluation is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Variant = Literal["published", "seed"]


@dataclass(frozen=True)
class Options:
    """Exactly one of `model` and `answers` is given; `images` belongs to `model`.

    `variant`: `published` scores as the libraries' authors do; `seed` as LLaVA-Med's evaluation of VQA does.
    `at_once`: questions given to the model together; it changes no result.
    """

    csv: Path
    out: Path
    images: Path | None = None
    model: str | None = None
    answers: Path | None = None
    variant: Variant = "published"
    wordnet: Path | None = None
    encoder: Path | None = None
    encoder_layer: int | None = None
    longest: int = 256
    at_once: int = 16
    device: str = "auto"

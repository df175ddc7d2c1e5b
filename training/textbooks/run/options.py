"""What a run is told."""

from dataclasses import dataclass, field
from pathlib import Path

from training.textbooks.checked import Check, Key
from training.textbooks.parallel import Workers
from training.textbooks.questions.language_model import LanguageModel
from training.textbooks.sources import Source


@dataclass(frozen=True)
class Options:
    """`only`: one step alone; `first`: this one and all after it, done anew. Empty: what is not done yet."""

    out: Path
    workers: Workers
    checks: dict[Key, Check] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    language_model: LanguageModel | None = None
    hugging_face: bool = True
    only: str = ""
    first: str = ""

"""The interface of what answers free questions, and how one is found for a reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from vlm.model import Provenance

LONGEST_ANSWER = 256
"""In tokens."""


@dataclass(frozen=True)
class Question:
    """A photograph, decoded and upright, and what is asked about it, word for word."""

    image: Image.Image
    text: str


class Answerer(Protocol):
    """Answers greedily: the same question gets the same answer, in any company."""

    @property
    def provenance(self) -> Provenance:
        """What made the answers: the keys of `vlm.provenance.KEYS`."""

    def answer(self, questions: Sequence[Question]) -> list[str]:
        """One text per question, in order; they are read together as far as memory allows."""


def answerer(ref: str | Path, device: str = "auto", longest: int = LONGEST_ANSWER) -> Answerer:
    """What answers for `ref`: a folder as `vlm.load` takes it, or `openai:URL#MODEL`.

    `longest`: tokens of an answer at most. Raises `ModelError`; `UnsupportedCheckpoint` for a model that only
    fills in a form, as MpoxVLM's bundled decoder does.
    """
    if str(ref).startswith("openai:"):
        from vlm.asking import remote

        return remote.load(str(ref), longest)
    from vlm.asking import local

    return local.load(ref, device, longest)

"""A small loaded model for each local backend: batched must equal single for every one of them.

To add a backend, write a function that loads a small model of it on the CPU in float32, and name it here.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import vlm
from tests.vlm.standard.tiny import FAMILIES
from vlm.model import Model

PARITY = Path(__file__).parents[1] / "data" / "parity"
# Random weights never end a text; so many tokens tell two of them apart.
RANDOM_EXPLANATION = 12
# A share of the cases, the same in any company, is read without photographs too.
SAMPLED = 0.3


def mpoxvlm() -> Model:
    """The bundled model."""
    return vlm.load(device="cpu")


def original_llava() -> Model:
    """A Mistral in the original format."""
    return _told_briefly(vlm.load(PARITY / "llava-mistral-base", device="cpu"))


def family(name: str) -> Model:
    """A family of transformers, of random weights."""
    with TemporaryDirectory() as folder:
        FAMILIES[name](Path(folder))
        return _told_briefly(vlm.load(folder, device="cpu"))


def skinvl() -> Model:
    """A LoRA over it, as SkinVL is laid out."""
    return _told_briefly(vlm.load(PARITY / "llava-mistral-lora", device="cpu"))


LOCAL_MODELS: dict[str, Callable[[], Model]] = {
    "mpoxvlm": mpoxvlm,
    "original llava": original_llava,
    # A low-rank update, merged at load.
    "skinvl": skinvl,
    # As many tiles as the photograph's shape asks for.
    "llava_next": lambda: family("llava_next"),
    # Positions in three channels, patches by the photograph's shape.
    "qwen2_vl": lambda: family("qwen2_vl"),
    # A window of attention shorter than the prompt: answers are not packed.
    "gemma3": lambda: family("gemma3"),
}


@cache
def loaded(name: str) -> Model:
    """One for the whole session: a test that changes it puts it back."""
    return LOCAL_MODELS[name]()


def _told_briefly(model: Any) -> Model:
    model.backend.longest_explanation = RANDOM_EXPLANATION
    model.settings = model.settings.model_copy(update={"vlm_image_dependence": SAMPLED})
    return model  # type: ignore[no-any-return]

"""A small loaded model for each local backend: batched must equal single for every one of them.

To add a backend, write a function that loads a small model of it on the CPU in float32, and name it here.
"""

from collections.abc import Callable

import vlm
from vlm.model import Model


def mpoxvlm() -> Model:
    """The bundled model."""
    return vlm.load(device="cpu")


LOCAL_MODELS: dict[str, Callable[[], Model]] = {"mpoxvlm": mpoxvlm}

"""Tells a broken model from a case that breaks a sound one.

A device in an error state or a faulty release makes every case raise. Were each of them blamed for it, the
whole queue would be `failed` within minutes.
"""

import structlog
from PIL import Image

from triage import Clinical, example_clinical
from vlm import Model, Presentation, RemoteUnavailable

log = structlog.get_logger()


class ModelBroken(Exception):
    """The model cannot even read a plain picture: no case is to blame, a fresh process is needed."""


def check(model: Model) -> None:
    """Show the model a grey picture with the example's answers. Raises ModelBroken when that raises.

    Raises RemoteUnavailable where a server is away that may come back: this process is sound.
    """
    picture = Image.new("RGB", (256, 256), "grey")
    example = Presentation((picture,), Clinical.model_validate(example_clinical()))
    try:
        model.assess([example])
    except Exception as error:
        if isinstance(error, RemoteUnavailable) and not error.permanent:
            raise
        raise ModelBroken(f"the model raises {type(error).__name__} on a plain picture") from error

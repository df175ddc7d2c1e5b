"""What keeps a model from being loaded, in words for the operator."""

from db.model_control import Choice
from vlm import Model, ModelError
from worker.self_test import ModelBroken

LONGEST = 400


class WeightsChanged(Exception):
    """The weights are not those that were chosen."""


class NoRoom(Exception):
    """The device has no memory for this model beside the one that serves cases."""


class TooDangerous(Exception):
    """Worker processes ended while this model read."""


SAID_AS_THEY_ARE = (ModelError, ModelBroken, WeightsChanged, NoRoom, TooDangerous)


def check_weights(choice: Choice, model: Model) -> None:
    """Raises WeightsChanged when the choice named other weights than those that were loaded."""
    if choice.revision not in (None, model.revision):
        raise WeightsChanged(
            f"the weights of {choice.ref} are not those that were chosen ({model.revision[:12]} instead of "
            f"{str(choice.revision)[:12]}): put the files back, or choose the model again"
        )


def in_words(error: Exception) -> str:
    """What an operator needs to mend it. Nothing of a patient: no case was shown to the model yet."""
    if isinstance(error, SAID_AS_THEY_ARE):
        return str(error)[:LONGEST]
    return f"{type(error).__name__}: {error}"[:LONGEST]

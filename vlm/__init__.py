"""The vision-language models: loading, prompts, batched inference.

`vlm.load(ref).assess([Presentation(...)])` is all that others need. Importing this package does not import
torch; loading a model that needs it does. Knows nothing of cases, SQL, Celery or HTTP.
"""

from vlm.errors import (
    BrokenCheckpoint,
    ModelError,
    RemoteUnavailable,
    SimulatedFault,
    UnknownModel,
    UnsupportedCheckpoint,
)
from vlm.loading import load
from vlm.model import Model
from vlm.presentation import Presentation

__all__ = [
    "BrokenCheckpoint",
    "Model",
    "ModelError",
    "Presentation",
    "RemoteUnavailable",
    "SimulatedFault",
    "UnknownModel",
    "UnsupportedCheckpoint",
    "load",
]

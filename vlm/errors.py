"""What can go wrong with a model.

ModelError
├── UnknownModel           the reference names no model that this package can load
├── BrokenCheckpoint       a folder's files are missing, cut short, contradictory or unsafe
├── UnsupportedCheckpoint  the files are sound, and of a kind this package does not load; the text says why
├── RemoteUnavailable      a remote server did not answer in time, or not as its protocol says
└── SimulatedFault         the simulated model was told to raise on this presentation
"""


class ModelError(Exception):
    """Base of every error that this room raises on purpose. Its text holds no patient data."""


class UnknownModel(ModelError):
    """The reference names no model that can be loaded; the text says which references can."""


class BrokenCheckpoint(ModelError):
    """A checkpoint cannot be read; the text names the file, what is wrong with it, and the remedy."""


class UnsupportedCheckpoint(ModelError):
    """A checkpoint is of a kind that is not loaded; the text names the field and the reason."""


class RemoteUnavailable(ModelError):
    """A remote model server cannot be used now; the text names the server and what it said, no case.

    `permanent`: trying again would not help; the request, the key, the model or the server must change.
    """

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class SimulatedFault(ModelError):
    """The simulated model met the word it was told to raise on."""

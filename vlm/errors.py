"""What can go wrong with a model.

ModelError
├── UnknownModel      the reference names no model that this package can load
└── SimulatedFault    the simulated model was told to raise on this presentation
"""


class ModelError(Exception):
    """Base of every error that this room raises on purpose. Its text holds no patient data."""


class UnknownModel(ModelError):
    """The reference names no model that can be loaded; the text says which references can."""


class SimulatedFault(ModelError):
    """The simulated model met the word it was told to raise on."""

"""What a person can mend about a training run: the text names the field or file and the remedy.

TrainingError
├── ConfigError   a configuration is not what a stage takes
├── RunError      a run folder belongs to another run, or cannot be gone on with
└── CardError     a model card's measurement is missing, or was made of another model
"""


class TrainingError(Exception):
    """Base of what the training raises on purpose, beside `training.photographs.DataError`."""


class ConfigError(TrainingError):
    """A setting is unknown, missing or out of range."""


class RunError(TrainingError):
    """A run folder cannot be used."""


class CardError(TrainingError):
    """A model card cannot be written from the files given."""

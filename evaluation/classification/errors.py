"""What a person can mend in an evaluation's input."""


class EvaluationError(Exception):
    """An evaluation cannot begin or go on; the text names the file and the field, and the remedy."""

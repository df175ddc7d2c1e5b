"""What a person can mend."""


class EvaluationError(Exception):
    """An evaluation cannot begin or go on; the text names the file and the field, and the remedy."""

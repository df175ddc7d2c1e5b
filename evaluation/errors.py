"""What a person can mend; the command line says it in one line, without a trace."""


class EvaluationError(Exception):
    """An evaluation cannot begin or go on; the text names the file, row or setting, and the remedy."""

"""What a person can mend before an evaluation runs."""


class EvaluationError(Exception):
    """A manifest, a photograph or a file of predictions does not fit; the text names it and the remedy."""

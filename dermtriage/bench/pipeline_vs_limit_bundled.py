"""500 queued cases to the last commit, with the bundled model and the overlap that its device asks for."""

from dermtriage.bench.pipeline import compare
from dermtriage.bench.shape import Goal, Measured

GOAL = Goal("at least", 0.95)


def measure() -> Measured:
    """On a CPU the stages run in turn, on a GPU overlapped."""
    return compare("bundled", cases=500, batch=16, overlap="auto")

"""500 queued cases to the last commit; a model of 50 ms a batch and 2 ms a case that leaves the CPU idle."""

from dermtriage.bench.pipeline import compare
from dermtriage.bench.shape import Goal, Measured

GOAL = Goal("at least", 0.95)


def measure() -> Measured:
    """Overlapped, as where the model computes on a GPU."""
    return compare("simulated:batch_ms=50,case_ms=2", cases=500, batch=16, overlap="on")

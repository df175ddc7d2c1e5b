"""A random MpoxVLM of 50M parameters: `assess` over transformers' own pipeline, each at its best batch."""

from dermtriage.bench.model.results import NO_SLOWER, comparison_of
from dermtriage.bench.shape import Measured

GOAL = NO_SLOWER


def measure() -> Measured:
    """Both sides in turns, with the figures of every batch."""
    return comparison_of("50m").against_pipeline()

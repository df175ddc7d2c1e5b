"""The bundled model: cases a second of `assess` over transformers' own pipeline, each at its best batch."""

from dermtriage.bench.model.results import GOALS, comparison_of
from dermtriage.bench.shape import Measured

GOAL = GOALS["assess_vs_pipeline"]


def measure() -> Measured:
    """Both sides in turns, with the figures of every batch."""
    return comparison_of("bundled").against_pipeline()

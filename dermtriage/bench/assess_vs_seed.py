"""The bundled model: cases a second of `assess` at its best batch over two generates a case, one by one."""

from dermtriage.bench.model.results import GOALS, comparison_of
from dermtriage.bench.shape import Measured

GOAL = GOALS["assess_vs_seed"]


def measure() -> Measured:
    """Both sides in turns, with the figures of every batch."""
    return comparison_of("bundled").against_seed()

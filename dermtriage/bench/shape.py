"""What a bench is: a module here with a `GOAL` and a function `measure() -> Measured`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal, Protocol


@dataclass(frozen=True)
class Goal:
    """What the ratio must not fall below, or exceed, to be reached."""

    word: Literal["at least", "at most"]
    ratio: float

    def reached(self, ratio: float) -> bool:
        """True when `ratio` is on the right side."""
        return ratio >= self.ratio if self.word == "at least" else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{self.word} {self.ratio}"


@dataclass(frozen=True)
class Measured:
    """A ratio, and the figures that it comes from by name."""

    ratio: float
    figures: dict[str, float] = field(default_factory=dict)


class Bench(Protocol):
    """The module of a bench."""

    GOAL: Goal

    def measure(self) -> Measured:
        """Run it: both sides, interleaved, on this machine."""


def interleaved(
    one: Callable[[], float], other: Callable[[], float], runs: int = 5
) -> tuple[Sequence[float], Sequence[float]]:
    """The answers of both, called in turns so that a busy moment of the machine hits both alike."""
    pairs = [(one(), other()) for _ in range(runs)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of each run."""
    return median(a / b for a, b in zip(above, below, strict=True))

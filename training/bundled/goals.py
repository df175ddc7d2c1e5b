"""What the bundled model is to reach, and whether measured figures do."""

from dataclasses import dataclass
from typing import Any

from training.bundled.measured import Figure, Measurements


@dataclass(frozen=True)
class Goal:
    """A figure of `metrics.json` and its bound.

    `least`: the value is to be so large. `most`: so small, and a difference so small either way. `beside`: a
    goal without which this one does not count.
    """

    name: str
    steps: tuple[str, ...]
    least: float | None = None
    most: float | None = None
    beside: "Goal | None" = None

    def __str__(self) -> str:
        """The bound in words."""
        bounds = {"at least": self.least, "at most": self.most}
        bound = ", ".join(f"{word} {value:g}" for word, value in bounds.items() if value is not None)
        return f"{bound}, with {self.beside.name} {self.beside}" if self.beside else bound

    def reached(self, measured: Measurements) -> bool | None:
        """By the value itself, whatever its interval; None where it is undefined."""
        value = measured.figure(*self.steps).value
        beside = self.beside.reached(measured) if self.beside else True
        if value is None or beside is None:
            return None
        high_enough = self.least is None or value >= self.least
        small_enough = self.most is None or abs(value) <= self.most
        return high_enough and small_enough and beside


@dataclass(frozen=True)
class Judged:
    """A goal, the figure, and whether it is reached."""

    goal: Goal
    figure: Figure
    reached: bool | None

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        name, value = ".".join(self.goal.steps), self.figure.value
        return {"figure": name, "goal": str(self.goal), "value": value, "reached": self.reached}


SPECIFICITY = Goal("mpox specificity", ("mpox_specificity",), least=0.90)
GOALS = (
    Goal("mpox sensitivity", ("mpox_sensitivity",), least=0.85, beside=SPECIFICITY),
    SPECIFICITY,
    Goal("accuracy among four", ("accuracy4",), least=0.85),
    Goal("accuracy of mpox against lookalikes", ("mpox_vs_lookalikes_accuracy",), least=0.88),
    Goal("expected calibration error", ("ece",), most=0.06),
    Goal("answers that flip with the tone", ("tone", "flips", "all"), most=0.05),
    Goal("the same among rashes and healthy skin", ("tone", "flips", "pox"), most=0.05),
    *(
        Goal(f"{name}, dark less light", ("tone", key, "dark_minus_light"), most=0.05)
        for name, key in {
            "sensitivity": "mpox_sensitivity",
            "specificity": "mpox_specificity",
            "specificity among rashes and healthy skin": "mpox_specificity_among_pox",
        }.items()
    ),
)


def judged(measured: Measurements) -> list[Judged]:
    """Every goal in its order. Raises `CardError` where a figure is missing."""
    return [Judged(goal, measured.figure(*goal.steps), goal.reached(measured)) for goal in GOALS]

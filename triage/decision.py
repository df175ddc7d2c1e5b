"""The outcome of triage: a level, when it is due, why, and where to look twice."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

Level = Literal["emergency", "urgent", "priority", "routine", "self_care", "not_gradable"]

# Most urgent first. `not_gradable` says that photographs cannot be read; it waits like `routine`.
LEVELS: tuple[Level, ...] = ("emergency", "urgent", "priority", "routine", "self_care")
RANK: dict[Level, int] = {
    "emergency": 0, "urgent": 1, "priority": 2, "routine": 3, "not_gradable": 3, "self_care": 4,
}  # fmt: skip

Flag = Literal[
    "red_flag", "low_confidence", "models_disagree", "image_quality", "image_ignored",
    "incomplete_information", "explanation_conflict", "no_ai_result",
]  # fmt: skip


class Reason(BaseModel):
    """One rule that decided or raised the level: its id in the policy and a sentence for people."""

    model_config = ConfigDict(frozen=True)

    rule: str
    text: str


class Decision(BaseModel):
    """What `triage.decide` returns. `reasons` is never empty; `target` counts from acceptance."""

    model_config = ConfigDict(frozen=True)

    level: Level
    target: timedelta
    flags: tuple[Flag, ...] = ()
    reasons: tuple[Reason, ...]
    policy_version: str

    @property
    def rank(self) -> int:
        """0 for emergency, rising as urgency falls: the order of the queue."""
        return RANK[self.level]


def at_least(level: Level, other: Level) -> bool:
    """True when `level` is as urgent as `other` or more."""
    return RANK[level] <= RANK[other]

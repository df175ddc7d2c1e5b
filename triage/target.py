"""A level's time to first review, as the policy states it."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Target(BaseModel):
    """An amount of minutes, hours or working days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: int = Field(gt=0, le=1000)
    unit: Literal["minutes", "hours", "working_days"]

    @property
    def elapsed(self) -> timedelta:
        """The target by the clock; 5 working days are the week that they take where no holiday falls.

        For display and comparison: `due_at` says when a case is due.
        """
        if self.unit == "minutes":
            return timedelta(minutes=self.amount)
        if self.unit == "hours":
            return timedelta(hours=self.amount)
        weeks, days = divmod(self.amount, 5)
        return timedelta(weeks=weeks, days=days)

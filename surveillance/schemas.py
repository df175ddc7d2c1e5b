"""What `GET /v1/surveillance/counts` takes and answers."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from surveillance.cells import Status
from surveillance.cursor import from_cursor
from surveillance.weeks import IsoWeek
from triage import Condition
from triage.clinical import RegionCode


def _known(cursor: str) -> str:
    from_cursor(cursor)
    return cursor


class CountsQuery(BaseModel):
    """Filters; each chooses cells, none adds them up."""

    model_config = ConfigDict(extra="forbid")

    week_from: IsoWeek | None = Field(default=None, description="First ISO week of acceptance (UTC)")
    week_to: IsoWeek | None = Field(default=None, description="Last ISO week of acceptance (UTC)")
    region: RegionCode | None = None
    condition: Condition | None = None
    status: Status | None = None
    limit: int = Field(default=200, ge=1, le=1000, description="Cells an answer")
    cursor: Annotated[str, AfterValidator(_known)] | None = Field(
        default=None, description="The `next_cursor` of the answer before"
    )

    @model_validator(mode="after")
    def _weeks_in_order(self) -> "CountsQuery":
        if self.week_from and self.week_to and self.week_from > self.week_to:
            raise ValueError("week_from must not lie after week_to")
        return self


class CountCell(BaseModel):
    """How many cases accepted in a week in a region stand for a condition at a status now."""

    week: str = Field(description="ISO week of acceptance in UTC", examples=["2026-W07"])
    region: str = Field(description="ISO 3166-2")
    condition: str
    status: Status = Field(description="`preliminary` is what the model saw, before a clinician's diagnosis")
    count: int | None = Field(description="None where suppressed")
    suppressed: bool = Field(description="True when the count lies between 1 and the threshold")


class CountsPage(BaseModel):
    """Cells in the order of week, region, condition, status. A cell that is not listed is zero."""

    items: list[CountCell]
    next_cursor: str | None
    threshold: int = Field(description="Counts from 1 to this number are suppressed")

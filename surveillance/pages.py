"""The page of trends: a region's published cells as a chart and as a table."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from pydantic import BaseModel, ConfigDict, field_validator

from surveillance.api import suppress_up_to
from surveillance.cells import STATUSES, Cell, Filter, Status, published_cells, published_regions
from surveillance.trend import trend_of
from surveillance.weeks import week_of, weeks_from_to
from triage import CONDITION_NAMES, Condition
from triage.clinical import RegionCode
from web.access import page
from web.services import services

WEEKS_SHOWN = 53
STATUS_WORDS: dict[Status, LazyString] = {
    "preliminary": _("preliminary"),
    "suspected": _("suspected"),
    "probable": _("probable"),
    "confirmed": _("confirmed"),
    "ruled_out": _("ruled out"),
}

surveillance_pages = Blueprint(
    "surveillance_pages",
    __name__,
    url_prefix="/surveillance",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


class TrendQuery(BaseModel):
    """The choices of the page's form; an empty one means not chosen."""

    model_config = ConfigDict(extra="forbid")

    region: RegionCode | None = None
    condition: Condition | None = None
    status: Status | None = None

    @field_validator("region", "condition", "status", mode="before")
    @classmethod
    def _empty_is_none(cls, value: str) -> str | None:
        return value or None


@surveillance_pages.get("/")
@page
def trends() -> ResponseReturnValue:
    """One region and status, one line per condition, over the last year."""
    query = TrendQuery.model_validate(request.args.to_dict())
    today = datetime.now(UTC).date()
    weeks = weeks_from_to(week_of(today - timedelta(weeks=WEEKS_SHOWN - 1)), week_of(today))
    with services().sessions() as session:
        regions = published_regions(session, weeks[0])
        region = query.region or (regions[0] if regions else "")
        chosen = Filter(weeks[0], weeks[-1], region, query.condition)
        cells = published_cells(session, suppress_up_to(), chosen)
    status = query.status or _most_telling_status(cells)
    cells = [cell for cell in cells if cell.key.status == status]
    first = min((cell.key.week for cell in cells), default=weeks[-1])
    return render_template(
        "surveillance/trends.html",
        trend=trend_of(cells, weeks[weeks.index(first) :]),
        regions=regions,
        conditions=CONDITION_NAMES,
        statuses=STATUSES,
        status_words=STATUS_WORDS,
        region=region,
        condition=query.condition,
        status=status,
        threshold=suppress_up_to(),
    )


def _most_telling_status(cells: list[Cell]) -> str:
    """`suspected`, what clinicians see; before they have decided anything, what the model saw."""
    present = {cell.key.status for cell in cells}
    return "preliminary" if present == {"preliminary"} else "suspected"

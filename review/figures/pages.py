"""The page of figures, and the same figures as CSV."""

from datetime import datetime
from typing import Annotated, NamedTuple

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from db.ids import now
from review.figures.drift import REFERENCE_WEEKS, SIGMAS, Week, weekly
from review.figures.export import as_csv
from review.figures.figure import MINIMUM
from review.figures.groups import Group, performance_groups, reading_groups
from review.figures.plot import Plot, plot_of
from review.figures.shown import cell
from review.figures.whose import whose
from review.figures.window import Window, monday_of, window_until
from review.figures.words import (
    KIND_WORDS,
    MEASURES,
    PERFORMANCE,
    SUBGROUPS,
    TABLES,
    value_in_words,
)
from review.pages import pages
from web.access import page
from web.services import services

DEFAULT_WEEKS = 8


def _exists(week: str) -> str:
    monday_of(week)
    return week


class FiguresQuery(BaseModel):
    """So many weeks, of which the last is `until`; the present one where that is left open."""

    model_config = ConfigDict(extra="forbid")

    weeks: int = Field(default=DEFAULT_WEEKS, ge=1, le=104)
    until: Annotated[str, Field(pattern=r"^\d{4}-W\d{2}$"), AfterValidator(_exists)] | None = None

    @field_validator("until", mode="before")
    @classmethod
    def _empty_is_none(cls, value: str) -> str | None:
        return value or None

    def window(self, at: datetime) -> Window:
        """The weeks asked for."""
        return window_until(monday_of(self.until) if self.until else at, self.weeks)


class Found(NamedTuple):
    """All figures that the person who asks may see."""

    window: Window
    groups: list[Group]
    drift: list[Week]
    own: bool


@pages.get("/figures")
@page
def figures() -> ResponseReturnValue:
    """Tables and plots; a clinician sees their own readings only."""
    query = FiguresQuery.model_validate(request.args.to_dict())
    found = _found(query)
    return render_template(
        "review/figures.html",
        query=query,
        window=found.window,
        own=found.own,
        readers=[it for it in found.groups if it.section == "reader"],
        models=[it for it in found.groups if it.section == "model" and it.kind == "first"],
        finals={name: _of(found, name) for name in SUBGROUPS if _of(found, name)},
        drift=found.drift,
        agreement_plot=_agreement_plot(found),
        override_plots=_override_plots(found),
        cell=cell,
        tables=TABLES,
        performance=PERFORMANCE,
        measures=MEASURES,
        kinds=KIND_WORDS,
        subgroups=SUBGROUPS,
        value_in_words=value_in_words,
        minimum=MINIMUM,
        sigmas=SIGMAS,
        reference_weeks=REFERENCE_WEEKS,
    )


@pages.get("/figures.csv")
@page
def figures_csv() -> ResponseReturnValue:
    """The same figures, one line each."""
    found = _found(FiguresQuery.model_validate(request.args.to_dict()))
    name = f"figures-{found.window.weeks[0]}-{found.window.weeks[-1]}.csv"
    return Response(
        as_csv(found.groups, found.drift),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _found(query: FiguresQuery) -> Found:
    at = now()
    window = query.window(at)
    with services().sessions() as session:
        scope, own = whose(session)
        readings = reading_groups(session, window, scope)
        if own:
            return Found(window, [it for it in readings if it.section == "reader"], [], own)
        finals = performance_groups(session, window, at, scope)
        return Found(window, [*readings, *finals], weekly(session, window, at, scope), own)


def _of(found: Found, section: str) -> list[Group]:
    return [it for it in found.groups if it.section == section and it.kind == "final"]


def _agreement_plot(found: Found) -> Plot | None:
    by_week = {it.id: it.figures["level_agreement"] for it in _of(found, "week")}
    return plot_of(found.window.weeks, by_week)


def _override_plots(found: Found) -> list[tuple[str, Plot]]:
    plots = []
    for revision in dict.fromkeys(week.revision for week in found.drift):
        weeks = [week for week in found.drift if week.revision == revision]
        marked = {week.week for week in weeks if week.drifts}
        plot = plot_of(found.window.weeks, {week.week: week.share for week in weeks}, marked)
        plots += [(revision, plot)] if plot else []
    return plots

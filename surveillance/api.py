"""`GET /v1/surveillance/counts`: published cells for programs."""

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from surveillance.cells import Cell, Filter, published_cells
from surveillance.cursor import from_cursor, to_cursor
from surveillance.schemas import CountCell, CountsPage, CountsQuery
from surveillance.settings import SurveillanceSettings
from web.access import Access
from web.services import services

surveillance_api = APIBlueprint(
    "surveillance_api",
    __name__,
    url_prefix="/v1/surveillance",
    abp_tags=[Tag(name="Surveillance", description="Counts from which nobody can be told")],
    abp_security=[{"bearer": []}],
)


def suppress_up_to() -> int:
    """The largest count that is hidden."""
    settings = services().room_settings["surveillance"]
    assert isinstance(settings, SurveillanceSettings)  # noqa: S101 - the front door's contract
    return settings.surveillance_suppress_up_to


@surveillance_api.get(
    "/counts", summary="Counts by week, region, condition and status", responses={200: CountsPage}
)
@Access(scope="surveillance:read", clinician=True)
def counts(query: CountsQuery) -> Response:
    """Cells of one ISO week of acceptance, region, condition and status; small ones are suppressed.

    Only these finest cells are published: no margins, no totals, no percentages, so that nothing can be
    subtracted to uncover a suppressed cell. A filter chooses cells and never adds them up. A cell that is
    not listed is zero. A case counts under its present status and, where a clinician found another
    condition than the model, under both: `ruled_out` for the one, `suspected` for the other.
    """
    chosen = Filter(query.week_from, query.week_to, query.region, query.condition, query.status)
    after = from_cursor(query.cursor) if query.cursor else None
    with services().sessions() as session:
        cells = published_cells(session, suppress_up_to(), chosen, after=after, limit=query.limit + 1)
    more = len(cells) > query.limit
    cells = cells[: query.limit]
    page = CountsPage(
        items=[_as_item(cell) for cell in cells],
        next_cursor=to_cursor(cells[-1].key) if more else None,
        threshold=suppress_up_to(),
    )
    return jsonify(page.model_dump())


def _as_item(cell: Cell) -> CountCell:
    return CountCell.model_validate(
        {**cell.key._asdict(), "count": cell.count, "suppressed": cell.suppressed}
    )

"""GET /v1/cases: a platform lists its cases, newest first, page by page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from db.ids import now
from db.models import Case
from intake.blueprint import cases_api, problem_responses
from intake.case_body import Status
from intake.case_summary import CaseSummary, case_summary
from intake.shown import shown_status
from web.access import platform_id, scope
from web.problem import FieldError, invalid
from web.services import services


class ListQuery(BaseModel):
    """Which cases, and how many at once."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = Field(default=None, description="Only cases with this status")
    cursor: str | None = Field(default=None, max_length=64, description="next_cursor of the page before")
    limit: int = Field(default=50, ge=1, le=200)


class CaseList(BaseModel):
    """A page of cases; `next_cursor` leads to the next and is null on the last."""

    items: list[CaseSummary]
    next_cursor: str | None


@cases_api.get("/cases", responses={200: CaseList, **problem_responses(422)})
@scope("cases:read")
def list_cases(query: ListQuery) -> dict[str, Any]:
    """List cases

    Newest first. Cases that come while pages are read appear on none of them and disturb none.
    """
    at = now()
    chosen = select(Case).where(Case.platform_id == platform_id())
    if query.status is not None:
        chosen = chosen.where(shown_status(at) == query.status)
    if query.cursor is not None:
        chosen = chosen.where(Case.id < _read_cursor(query.cursor))
    # Ids are ordered by time, so the id alone is the place in the list.
    chosen = chosen.order_by(Case.id.desc()).limit(query.limit + 1)
    with services().sessions() as session:
        cases = list(session.scalars(chosen))
        page = cases[: query.limit]
        items = [case_summary(session, case, at) for case in page]
    more = len(cases) > query.limit
    found = CaseList(items=items, next_cursor=_write_cursor(page[-1].id) if more else None)
    return found.model_dump(mode="json")


def _write_cursor(case_id: UUID) -> str:
    return urlsafe_b64encode(case_id.bytes).decode().rstrip("=")


def _read_cursor(cursor: str) -> UUID:
    try:
        return UUID(bytes=urlsafe_b64decode(cursor.encode("ascii") + b"=="))
    except ValueError:
        remedy = "Use next_cursor of the page before, or none for the first page."
        error = FieldError(field="cursor", detail="This is no cursor.", remedy=remedy)
        raise invalid("Please correct: cursor", [error]) from None

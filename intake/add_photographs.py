"""POST /v1/cases/{id}/images: new photographs for a case that needs them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Image
from db.moves import StateConflict, move_one
from intake.acceptance import review_from
from intake.blueprint import cases_api, problem_responses
from intake.case_summary import CaseSummary, case_summary
from intake.description import multipart_request
from intake.form import read_form, refuse_oversize
from intake.idempotency import Attempt, attempt, begin, look_up, read_key, remember
from intake.own_case import CasePath, own_case
from intake.photographs import Photograph
from intake.stored_images import hold, image_rows, stored
from intake.submitted_images import read_images
from web.access import caller, platform_id, scope
from web.problem import Problem, conflict
from web.services import services

Answer = tuple[dict[str, Any], int, dict[str, str]]


@cases_api.post(
    "/cases/<uuid:case_id>/images",
    responses={202: CaseSummary, **problem_responses(400, 404, 409, 410, 413, 422)},
    openapi_extensions=multipart_request(),
)
@scope("cases:write")
def add_photographs(path: CasePath) -> Answer:
    """Send new photographs

    Only while the case has the status needs_retake. They form a new round: the case is assessed anew on
    them, and keeps its level and its due time until then. The earlier photographs stay readable.
    """
    refuse_oversize()
    key = read_key()
    given = services()
    with given.sessions() as session:
        status = own_case(session, path.case_id).status
    form = read_form("images")
    this = attempt(key, None, form.images)
    answer = look_up(this)
    if answer is None:
        if status != "needs_retake":
            raise _not_asked_for()
        photographs = read_images(form.images)
        with stored(platform_id(), photographs), given.sessions.begin() as session:
            answer = _begin_round(session, this, path.case_id, photographs)
        given.wake_up()
    return answer, 202, {"Location": answer["href"]}


def _begin_round(
    session: Session, this: Attempt, case_id: UUID, photographs: list[Photograph]
) -> dict[str, Any]:
    known = begin(session, this)
    if known is not None:
        return known
    at = now()
    case = own_case(session, case_id, lock=True)
    try:
        move_one(
            session, case.id, Case.status == "needs_retake",
            status="queued", action="case.new_photographs", actor=caller().actor, at=at,
            values=_waiting_again(case, at),
        )  # fmt: skip
    except StateConflict:
        raise _not_asked_for() from None
    session.refresh(case)
    last = session.scalar(select(func.max(Image.position)).where(Image.case_id == case.id))
    first = 0 if last is None else last + 1
    rows = image_rows(case.platform_id, case.id, photographs, at=at, round_number=case.round, first=first)
    session.execute(insert(Image), rows)
    answer = case_summary(session, case, at).model_dump(mode="json")
    remember(session, this, case.id, answer)
    hold(session, case.platform_id, photographs)
    return answer


def _waiting_again(case: Case, at: datetime) -> dict[Any, Any]:
    return {
        Case.round: Case.round + 1,
        Case.assess_state: "waiting",
        Case.attempts: 0,
        Case.batch_limit: 0,
        Case.review_from: review_from(at, case.level, case.due_at - case.accepted_at),
    }


def _not_asked_for() -> Problem:
    return conflict("This case needs no new photographs. They can be sent while its status is needs_retake.")

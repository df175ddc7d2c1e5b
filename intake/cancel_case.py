"""POST /v1/cases/{id}/cancel: a platform takes a case back before it is decided."""

from typing import Any

from sqlalchemy import update

from db.counts import CountChange, change_counts
from db.events import record_event
from db.further_changes import cancel_all
from db.ids import now
from db.models import Case, Review
from db.moves import StateConflict, move_one
from db.queue_changes import NO_LEASE
from db.review_queue import not_held
from intake.blueprint import cases_api, problem_responses
from intake.case_summary import CaseSummary, case_summary
from intake.own_case import CasePath, own_case
from web.access import caller, scope
from web.problem import conflict
from web.services import services

OPEN = ("queued", "assessing", "awaiting_review", "in_review", "needs_retake", "failed")
# Nothing is left for the model; a run in flight loses its lease and its result with it.
NOT_FOR_THE_MODEL: dict[Any, Any] = {Case.assess_state: "none", **NO_LEASE}


@cases_api.post("/cases/<uuid:case_id>/cancel", responses={200: CaseSummary, **problem_responses(404, 409)})
@scope("cases:write")
def cancel_case(path: CasePath) -> dict[str, Any]:
    """Cancel a case

    Before it is decided. It is assessed and reviewed no more, and counted no more; it can still be read.
    """
    given, at = services(), now()
    with given.sessions.begin() as session:
        case = own_case(session, path.case_id, lock=True)
        try:
            move_one(
                session, case.id, Case.status.in_(OPEN),
                status="cancelled", action="case.cancelled", actor=caller().actor, at=at,
                values={**NOT_FOR_THE_MODEL, **not_held(), Case.awaits_reading: False, Case.counted: []},
            )  # fmt: skip
        except StateConflict:
            raise conflict("A case that is decided or cancelled cannot be cancelled.") from None
        change_counts(session, [CountChange(case.accepted_at, case.region, before=case.counted, after=[])])
        cancel_all(session, case.id)
        still_open = (Review.case_id == case.id, Review.decided_at.is_(None), Review.released_at.is_(None))
        session.execute(update(Review).where(*still_open).values(released_at=at))
        record_event(
            session, "case.cancelled", platform_id=case.platform_id, case_id=case.id, level=case.level
        )
        session.flush()
        session.refresh(case)
        summary = case_summary(session, case, at)
    given.wake_deliveries()
    return summary.model_dump(mode="json")

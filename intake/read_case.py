"""GET /v1/cases/{id}: a platform reads its case."""

from typing import Any

from sqlalchemy import select

from db.ids import now
from db.models import Image
from intake.blueprint import cases_api, problem_responses
from intake.case_body import CaseBody, case_body
from intake.own_case import CasePath, own_case
from intake.shown import current_assessment, newest_final_review
from web.access import caller, scope
from web.services import services


@cases_api.get("/cases/<uuid:case_id>", responses={200: CaseBody, **problem_responses(404)})
@scope("cases:read")
def read_case(path: CasePath) -> dict[str, Any]:
    """Read a case

    Its status, level, reasons and photographs; the findings and the explanation of the model (before the
    final decision with the scope cases:preliminary only); the clinician's decision once it is final.
    """
    at = now()
    with services().sessions() as session:
        case = own_case(session, path.case_id)
        images = select(Image).where(Image.case_id == case.id).order_by(Image.position)
        return case_body(
            case,
            list(session.scalars(images)),
            current_assessment(session, case),
            newest_final_review(session, case.id, at),
            may_see_preliminary="cases:preliminary" in caller().scopes,
            at=at,
        )

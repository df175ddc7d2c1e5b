"""GET /v1/cases/{id}: a platform reads its case."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Assessment, Image, Review
from intake.blueprint import cases_api, problem_responses
from intake.case_body import CaseBody, case_body
from intake.own_case import CasePath, own_case
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
        return case_body(
            case,
            images_of(session, case.id),
            newest_assessment(session, case.id),
            _newest_final_review(session, case.id),
            may_see_preliminary="cases:preliminary" in caller().scopes,
            at=at,
        )


def images_of(session: Session, case_id: UUID) -> list[Image]:
    """The photographs of a case in their order, those of earlier rounds too."""
    query = select(Image).where(Image.case_id == case_id).order_by(Image.position)
    return list(session.scalars(query))


def newest_assessment(session: Session, case_id: UUID) -> Assessment | None:
    """The assessment of the last round that has one."""
    query = select(Assessment).where(Assessment.case_id == case_id).order_by(Assessment.round.desc())
    return session.scalar(query.limit(1))


def _newest_final_review(session: Session, case_id: UUID) -> Review | None:
    query = select(Review).where(Review.case_id == case_id, Review.final_at <= now())
    return session.scalar(query.order_by(Review.final_at.desc()).limit(1))

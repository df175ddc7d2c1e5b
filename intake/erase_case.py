"""DELETE /v1/cases/{id}: a lawful erasure.

All that was said and seen of the patient goes; the audit trail keeps that it was there and who erased it, and
the published counts, which lead back to nobody, stay as they are.
"""

from flask import Response
from sqlalchemy import delete, select

from db.image_store import remove_unreferenced
from db.models import Case, Image
from db.moves import move_one
from intake.blueprint import cases_api, problem_responses
from intake.idempotency import empty_answers
from intake.own_case import CasePath, own_case
from web.access import caller, scope
from web.services import services


@cases_api.delete("/cases/<uuid:case_id>", responses={204: None, **problem_responses(404)})
@scope("cases:erase")
def erase_case(path: CasePath) -> Response:
    """Erase a case

    With its photographs, results and readings, for good. Its Idempotency-Key answers 410 from now on.
    """
    given = services()
    with given.sessions.begin() as session:
        case = own_case(session, path.case_id, lock=True)
        images = list(session.scalars(select(Image.sha256).where(Image.case_id == case.id)))
        # The entry comes first: it is written by the row that is about to go.
        move_one(session, case.id, status=Case.status, action="case.erased", actor=caller().actor)
        empty_answers(session, case.id)
        session.execute(delete(Case).where(Case.id == case.id))
    # Files go after the rows are surely gone: a failure here leaves a file too many, never one too few.
    with given.sessions.begin() as session:
        remove_unreferenced(session, given.images, case.platform_id, images)
    return Response(status=204)

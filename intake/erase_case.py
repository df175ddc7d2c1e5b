"""DELETE /v1/cases/{id}: a lawful erasure.

All that was said and seen of the patient goes; the audit trail keeps that it was there and who erased it, and
the published counts, which lead back to nobody, stay as they are. Copies that were made of it as known cases
go with it.
"""

from collections import defaultdict
from uuid import UUID

from flask import Response
from sqlalchemy import delete, select

from db.image_store import remove_unreferenced
from db.models import Case, Image, KnownCase
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
    files: dict[UUID, list[str]] = defaultdict(list)
    with given.sessions.begin() as session:
        case = own_case(session, path.case_id, lock=True)
        copies = session.scalars(select(KnownCase.case_id).where(KnownCase.source_case_id == case.id)).all()
        for case_id in (*copies, case.id):
            for image in session.scalars(select(Image).where(Image.case_id == case_id)):
                files[image.platform_id].append(image.sha256)
            # The entry comes first: it is written by the row that is about to go.
            move_one(session, case_id, status=Case.status, action="case.erased", actor=caller().actor)
            session.execute(delete(Case).where(Case.id == case_id))
        empty_answers(session, case.id)
    # Files go after the rows are surely gone: a failure here leaves a file too many, never one too few.
    for platform_id, digests in files.items():
        with given.sessions.begin() as session:
            remove_unreferenced(session, given.images, platform_id, digests)
    return Response(status=204)

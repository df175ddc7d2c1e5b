"""POST /v1/cases: a platform submits a case."""

from typing import Any

from intake.acceptance import accept
from intake.answers import Accepted
from intake.blueprint import cases_api, problem_responses
from intake.clinical_json import read_clinical
from intake.description import multipart_request
from intake.form import read_form, refuse_oversize
from intake.idempotency import answer_given, attempt, read_key
from intake.stored_images import stored
from intake.submitted_images import read_images
from triage import Clinical
from web.access import caller, platform_id, scope
from web.services import services

Answer = tuple[dict[str, Any], int, dict[str, str]]


@cases_api.post(
    "/cases",
    responses={202: Accepted, **problem_responses(400, 409, 410, 413, 422)},
    openapi_extensions=multipart_request(Clinical),
)
@scope("cases:write")
def submit_case() -> Answer:
    """Submit a case

    1 to 8 photographs and the clinical information. The same Idempotency-Key with the same content gets the
    same answer again for 7 days and submits nothing twice.
    """
    refuse_oversize()
    key = read_key()
    form = read_form("case", "images")
    clinical = read_clinical(form.case)
    this = attempt(key, clinical, form.images)
    given = services()
    with given.sessions() as session:
        answer = answer_given(session, this)
    if answer is not None:
        return _accepted(answer)
    photographs = read_images(form.images)
    with stored(platform_id(), photographs), given.sessions.begin() as session:
        answer, new = accept(session, this, clinical, photographs, policy=given.policy, actor=caller().actor)
    if new:
        given.wake_up()
        if answer["level"] == "emergency":
            given.wake_deliveries()
    return _accepted(answer)


def _accepted(answer: dict[str, Any]) -> Answer:
    return answer, 202, {"Location": answer["links"]["self"]}

"""POST /v1/cases: a platform submits a case."""

from typing import Any

from intake.acceptance import accept
from intake.answers import Accepted
from intake.blueprint import cases_api, problem_responses
from intake.clinical_json import read_clinical
from intake.description import multipart_request
from intake.form import read_form, refuse_oversize
from intake.idempotency import Attempt, attempt, look_up, read_key, still_running
from intake.store_case import AnsweredMeanwhile
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
    answer = look_up(this)
    return _accepted(answer if answer is not None else _submit(this, clinical, form.images))


def _submit(this: Attempt, clinical: Clinical, files: list[bytes]) -> dict[str, Any]:
    photographs = read_images(files)
    given = services()
    try:
        with stored(platform_id(), photographs), given.sessions.begin() as session:
            answer = accept(session, this, clinical, photographs, policy=given.policy, actor=caller().actor)
    except AnsweredMeanwhile:
        known = look_up(this)
        if known is None:
            raise still_running() from None
        return known
    given.wake_up()
    if answer["level"] == "emergency":
        given.wake_deliveries()
    return answer


def _accepted(answer: dict[str, Any]) -> Answer:
    return answer, 202, {"Location": answer["links"]["self"]}

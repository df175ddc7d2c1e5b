"""Programs record a blind reading, undo a decision, and correct one."""

from flask import Response, jsonify

from review import actions, reading
from review.blueprint import SECURITY, problem_responses, reviews_api
from review.review_body import review_body
from review.schemas import Amendment, Reveal, ReviewBody, ReviewPath
from web.access import clinician, clinician_id
from web.services import services

CHANGE = problem_responses(400, 401, 403, 404, 409, 422)


@reviews_api.post(
    "/reviews/<uuid:review_id>/reveal",
    summary="Record your own reading",
    security=SECURITY,
    responses={200: ReviewBody, **CHANGE},
)
@clinician
def reveal(path: ReviewPath, body: Reveal) -> Response:
    """Of a case that is read blind: from then on its AI result is shown. It cannot be changed."""
    actions.record_blind_reading(path.review_id, body)
    return _answer(path)


@reviews_api.post(
    "/reviews/<uuid:review_id>/undo",
    summary="Undo a decision",
    security=SECURITY,
    responses={200: ReviewBody, **problem_responses(401, 403, 404, 409)},
)
@clinician
def undo(path: ReviewPath) -> Response:
    """Until `undo_until`: nothing has left for the platform, and you hold the case again."""
    actions.undo_decision(path.review_id)
    return _answer(path)


@reviews_api.post(
    "/reviews/<uuid:review_id>/amend",
    summary="Correct a decision",
    security=SECURITY,
    responses={201: ReviewBody, **CHANGE},
)
@clinician
def amend(path: ReviewPath, body: Amendment) -> Response:
    """A new review supersedes the one that stands: your own, or any for a senior. The platform is told."""
    amendment_id = actions.record_amendment(path.review_id, body)
    answer = _answer(ReviewPath(review_id=amendment_id))
    answer.status_code = 201
    return answer


def _answer(path: ReviewPath) -> Response:
    return jsonify(review_body(reading.see(services().sessions, clinician_id(), path.review_id)))

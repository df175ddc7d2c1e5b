"""Programs claim, read, release and decide. Each shows its review as it stands afterwards."""

from uuid import UUID

from flask import Response, jsonify

from review import claims, keeping, reading
from review.actions import overlay_response, photograph_response, record_decision
from review.blueprint import SECURITY, lease, problem_responses, reviews_api
from review.review_body import review_body
from review.schemas import Claim, DecisionRequest, PhotographPath, ReviewBody, ReviewPath
from web.access import clinician, clinician_id
from web.services import services

ONE_REVIEW = problem_responses(401, 403, 404)
CHANGE = problem_responses(400, 401, 403, 404, 409, 422)


@reviews_api.post(
    "/reviews/claim",
    summary="Claim a case",
    security=SECURITY,
    responses={200: ReviewBody, 204: None, **CHANGE},
)
@clinician
def claim(body: Claim) -> Response:
    """Hold the most urgent case, or a certain one (again: hold it longer). 204 when no case waits."""
    review_id = _claimed(body.case_id, body.further_id)
    return _answer(review_id) if review_id else Response(status=204)


@reviews_api.get(
    "/reviews/<uuid:review_id>",
    summary="Read a case",
    security=SECURITY,
    responses={200: ReviewBody, **ONE_REVIEW},
)
@clinician
def read(path: ReviewPath) -> Response:
    """All that is known of the case while it is held; only your own verdict afterwards."""
    return _answer(path.review_id)


@reviews_api.get(
    "/reviews/<uuid:review_id>/images/<int:n>",
    summary="See a photograph",
    security=SECURITY,
    responses={
        200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}},
        **problem_responses(401, 403, 404, 409),
    },
)
@clinician
def photograph(path: PhotographPath) -> Response:
    """A photograph of a held case, upright, by the address that the case names: valid for some minutes."""
    return photograph_response(path.review_id, path.n)


@reviews_api.get(
    "/reviews/<uuid:review_id>/images/<int:n>/saliency",
    summary="See where the model looked",
    security=SECURITY,
    responses={
        200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
        **problem_responses(401, 403, 404, 409),
    },
)
@clinician
def saliency(path: PhotographPath) -> Response:
    """A transparent PNG to lay over the photograph: what the classifier attended to, no lesion's border."""
    return overlay_response(path.review_id, path.n)


@reviews_api.post(
    "/reviews/<uuid:review_id>/release",
    summary="Give a case back",
    security=SECURITY,
    responses={204: None, **ONE_REVIEW, **problem_responses(409)},
)
@clinician
def release(path: ReviewPath) -> Response:
    """Another clinician may claim it at once."""
    keeping.release(services().sessions, clinician_id(), path.review_id)
    return Response(status=204)


@reviews_api.post(
    "/reviews/<uuid:review_id>/decision",
    summary="Decide",
    security=SECURITY,
    responses={200: ReviewBody, **CHANGE},
)
@clinician
def decide(path: ReviewPath, body: DecisionRequest) -> Response:
    """Record the verdict. The platform gets its event when the undo window has passed."""
    record_decision(path.review_id, body)
    return _answer(path.review_id)


def _claimed(case_id: UUID | None, further_id: UUID | None) -> UUID | None:
    sessions = services().sessions
    if further_id is not None:
        return claims.claim_further(sessions, clinician_id(), lease(), further_id)
    if case_id is None:
        return claims.claim_most_urgent(sessions, clinician_id(), lease())
    return claims.claim_case(sessions, clinician_id(), lease(), case_id)


def _answer(review_id: UUID) -> Response:
    return jsonify(review_body(reading.see(services().sessions, clinician_id(), review_id)))

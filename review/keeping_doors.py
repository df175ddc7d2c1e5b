"""Programs keep a claimed case, pass it over, or hand it to a colleague."""

from flask import Response, jsonify

from review import keeping
from review.blueprint import SECURITY, lease, longest_hold, problem_responses, reviews_api, skip_pause
from review.schemas import Colleague, Colleagues, HandedOver, HandOver, Holding, ReviewPath, Skip
from web.access import clinician, clinician_id
from web.services import services

HELD = problem_responses(401, 403, 404, 409)


@reviews_api.post(
    "/reviews/<uuid:review_id>/heartbeat",
    summary="Hold a case longer",
    security=SECURITY,
    responses={200: Holding, **HELD},
)
@clinician
def heartbeat(path: ReviewPath) -> Response:
    """Send it while somebody works on the case; 409 when it is not held any more."""
    until = keeping.renew(services().sessions, clinician_id(), path.review_id, lease(), longest_hold())
    return jsonify(Holding(held_until=until).model_dump(mode="json"))


@reviews_api.post(
    "/reviews/<uuid:review_id>/skip",
    summary="Pass a case over",
    security=SECURITY,
    responses={204: None, **HELD, **problem_responses(400, 422)},
)
@clinician
def skip(path: ReviewPath, body: Skip) -> Response:
    """Give the case back with a reason; it is not offered to you for a while, unless nothing else waits."""
    keeping.skip(services().sessions, clinician_id(), path.review_id, body.reason, skip_pause())
    return Response(status=204)


@reviews_api.get(
    "/reviews/<uuid:review_id>/colleagues",
    summary="Who may take the case over",
    security=SECURITY,
    responses={200: Colleagues, **problem_responses(401, 403, 404)},
)
@clinician
def colleagues(path: ReviewPath) -> Response:
    """The other people who may read this case."""
    found = keeping.own_colleagues(services().sessions, clinician_id(), path.review_id)
    body = Colleagues(colleagues=[Colleague(id=person.id, name=person.name) for person in found])
    return jsonify(body.model_dump(mode="json"))


@reviews_api.post(
    "/reviews/<uuid:review_id>/hand-over",
    summary="Hand a case over",
    security=SECURITY,
    responses={200: HandedOver, **HELD, **problem_responses(400, 422)},
)
@clinician
def hand_over(path: ReviewPath, body: HandOver) -> Response:
    """The colleague holds the case from now on, with a fresh lease."""
    taken = keeping.hand_over(services().sessions, clinician_id(), path.review_id, body.to, lease())
    return jsonify(HandedOver(review_id=taken).model_dump(mode="json"))

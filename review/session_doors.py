"""Programs sign in and out: a bearer token for a clinician."""

from flask import Response, jsonify, request

from review.blueprint import SECURITY, problem_responses, reviews_api, settings
from review.schemas import SignedIn, SignIn
from review.sign_in import FailedSignIns, sign_in, sign_out
from web.access import clinician, public
from web.problem import unauthorized
from web.services import services

failed_sign_ins = FailedSignIns()


def signed_in(given: SignIn) -> SignedIn:
    """A new session. Raises Problem: 401 for wrong credentials, 429 for too many of them in a minute."""
    who, limit = (given.email.lower(), request.remote_addr or ""), settings().review_failed_sign_ins
    failed_sign_ins.refuse_if_too_many(who, limit)
    found = sign_in(services().sessions, given.email, given.password, settings().session_lifetime)
    if found is None:
        failed_sign_ins.count(who, limit)
        raise unauthorized("E-mail address or password is wrong. Try again, or ask your administrator.")
    return SignedIn(token=found[0], expires_at=found[1])


@reviews_api.post(
    "/sessions", summary="Sign in", responses={201: SignedIn, **problem_responses(400, 401, 422, 429)}
)
@public
def create_session(body: SignIn) -> Response:
    """A bearer token for a clinician; it is shown once."""
    answer = jsonify(signed_in(body).model_dump(mode="json"))
    answer.status_code = 201
    return answer


@reviews_api.delete(
    "/sessions", summary="Sign out", security=SECURITY, responses={204: None, **problem_responses(401, 403)}
)
@clinician
def end_session() -> Response:
    """The token that was sent is worth nothing afterwards."""
    sign_out(services().sessions, request.headers["Authorization"].partition(" ")[2].strip())
    return Response(status=204)

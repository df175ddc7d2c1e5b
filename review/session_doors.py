"""Programs sign in and out: a bearer token for a person."""

from flask import Response, jsonify, request

from review.blueprint import SECURITY, problem_responses, reviews_api, settings
from review.schemas import SignedIn, SignIn
from review.sign_in import check_password, sign_in_program
from web.access import NEEDS_SECOND_FACTOR, clinician, public
from web.problem import forbidden
from web.services import services, web_settings
from web.sessions import end_session as end


@reviews_api.post(
    "/sessions", summary="Sign in", responses={201: SignedIn, **problem_responses(400, 401, 403, 422, 429)}
)
@public
def create_session(body: SignIn) -> Response:
    """A bearer token for a person; it is shown once. It stays the same until it ends or is given up."""
    limit = settings().review_failed_sign_ins
    person = check_password(services().sessions, body.email, body.password, limit)
    if not person.totp_confirmed_at and person.role in web_settings().second_factor_roles:
        raise forbidden(NEEDS_SECOND_FACTOR)
    found = sign_in_program(services().sessions, person, body.code, settings().session_lifetime, limit)
    answer = jsonify(SignedIn(token=found.token, expires_at=found.expires_at).model_dump(mode="json"))
    answer.status_code = 201
    return answer


@reviews_api.delete(
    "/sessions", summary="Sign out", security=SECURITY, responses={204: None, **problem_responses(401, 403)}
)
@clinician
def end_session() -> Response:
    """The token that was sent is worth nothing afterwards."""
    end(services().sessions, request.headers["Authorization"].partition(" ")[2].strip())
    return Response(status=204)

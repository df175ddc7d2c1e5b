"""The pages to sign in and out. The session's token lies in a cookie that scripts cannot read."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from review.blueprint import settings
from review.pages import pages
from review.schemas import SignIn
from review.session_doors import signed_in
from review.sign_in import sign_out as end_session
from web.access import SESSION_COOKIE, page, public
from web.problem import Problem, from_validation
from web.services import services


@pages.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail address and password."""
    return _form(200)


@pages.post("/sign-in", endpoint="sign_in_now")
@public
def sign_in_now() -> ResponseReturnValue:
    """Check them, and go on to where the person was going."""
    try:
        given = {name: request.form.get(name) for name in ("email", "password")}
        session = signed_in(SignIn.model_validate(given))
    except ValidationError as error:
        problem = from_validation(error)
        return _form(problem.status, problem.detail)
    except Problem as problem:
        return _form(problem.status, problem.detail)
    answer = make_response(redirect(local_path(request.form.get("next", ""))))
    answer.set_cookie(
        SESSION_COOKIE,
        session.token,
        max_age=int(settings().session_lifetime.total_seconds()),
        httponly=True,
        secure=request.is_secure,
        # Lax, not Strict: a link to a case in a message must find the clinician signed in. No GET changes
        # anything, and each form carries its own token.
        samesite="Lax",
    )
    return answer


@pages.post("/sign-out")
@page
def sign_out() -> ResponseReturnValue:
    """End the session on the server and in the browser."""
    end_session(services().sessions, request.cookies.get(SESSION_COOKIE, ""))
    answer = make_response(redirect(url_for("review_pages.sign_in")))
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def local_path(address: str) -> str:
    """The address when it leads to a page of ours, else the queue: no stranger's link sends people away."""
    is_local = address.startswith("/") and not address.startswith("//")
    # Browsers read a backslash as a slash and skip control characters, so neither may stand in a path.
    is_plain = "\\" not in address and address.isprintable()
    return address if is_local and is_plain else url_for("review_pages.queue")


def _form(status: int, error: str = "") -> Response:
    return make_response(
        render_template(
            "review/sign_in.html",
            error=error,
            email=request.form.get("email", ""),
            next=request.values.get("next", ""),
        ),
        status,
    )

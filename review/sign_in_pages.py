"""The pages to sign in, in one step or two, and out. The session's token lies in a cookie."""

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from review.blueprint import settings
from review.failed_sign_ins import who_is_meant
from review.known_browser import remember_browser
from review.pages import pages
from review.schemas import SignIn
from review.sign_in import SignedInPerson, check_password, give_code, sign_in_page
from web.access import Access, page, public
from web.grants import may_open
from web.navigation import first_page, first_page_of
from web.page_cookie import SESSION_COOKIE, set_session_cookie
from web.problem import Problem, from_validation
from web.services import services
from web.sessions import end_session
from web.texts import refusal_said


@pages.get("/home")
@page
def home() -> ResponseReturnValue:
    """Each role's own first page."""
    return redirect(first_page())


@pages.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail address and password."""
    return _form("review/sign_in.html", 200)


@pages.post("/sign-in", endpoint="sign_in_now")
@public
def sign_in_now() -> ResponseReturnValue:
    """Check them, and go on to the code or to where the person was going."""
    try:
        given = SignIn.model_validate({name: request.form.get(name) for name in ("email", "password")})
        limit = settings().review_failed_sign_ins
        person = check_password(services().sessions, given.email, given.password, limit)
    except ValidationError as error:
        return _refused("review/sign_in.html", from_validation(error))
    except Problem as problem:
        return _refused("review/sign_in.html", problem)
    opened = sign_in_page(services().sessions, person, settings().session_lifetime)
    if opened.awaits_code:
        answer = make_response(redirect(url_for("review_pages.code", next=request.form.get("next", ""))))
        set_session_cookie(answer, opened.token, opened.expires_at)
        return answer
    return _opened(opened, given.email)


@pages.get("/code")
@page
def code() -> ResponseReturnValue:
    """Ask for a code of the authenticator."""
    return _form("review/code.html", 200) if g.caller.awaits == "code" else redirect(first_page())


@pages.post("/code", endpoint="enter_code")
@page
def enter_code() -> ResponseReturnValue:
    """Check it, and go on to where the person was going."""
    if g.caller.awaits != "code":
        return redirect(first_page())
    given, limit = request.form.get("code", "")[:16], settings().review_failed_sign_ins
    try:
        opened = give_code(services().sessions, g.open_session, given, settings().session_lifetime, limit)
    except Problem as problem:
        return _refused("review/code.html", problem)
    return _opened(opened, g.open_session.email)


@pages.post("/sign-out")
@page
def sign_out() -> ResponseReturnValue:
    """End the session on the server and in the browser."""
    end_session(services().sessions, request.cookies.get(SESSION_COOKIE, ""))
    answer = make_response(redirect(url_for("review_pages.sign_in")))
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def local_path(address: str, role: str) -> str:
    """The address when it leads to a page that is open to the role, else the role's first page.

    The address is made anew from the page that it means: no stranger's link sends people away.
    """
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, values = adapter.match(address, method="GET") if adapter else ("", {})
    except HTTPException:
        return first_page_of(role)
    is_page = getattr(current_app.view_functions.get(endpoint), "access", Access()).page
    return url_for(endpoint, **values) if is_page and may_open(role, endpoint) else first_page_of(role)


def _opened(opened: SignedInPerson, email: str) -> Response:
    answer = make_response(redirect(local_path(request.form.get("next", ""), opened.role)))
    set_session_cookie(answer, opened.token, opened.expires_at)
    remember_browser(answer, who_is_meant(email), who_is_meant(email, "code"))
    return answer


def _refused(template: str, problem: Problem) -> Response:
    answer = _form(template, problem.status, refusal_said(problem.detail))
    answer.headers.extend({name: value for name, value in problem.headers.items() if name == "Retry-After"})
    return answer


def _form(template: str, status: int, error: str = "") -> Response:
    return make_response(
        render_template(
            template,
            error=error,
            email=request.form.get("email", ""),
            next=request.values.get("next", ""),
        ),
        status,
    )

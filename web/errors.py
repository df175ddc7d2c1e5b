"""Turns what is raised in a request into an answer: problem documents for programs, a page for people."""

import structlog
from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from web.access import PAGES
from web.problem import Problem, from_validation
from web.texts import marked as _l

log = structlog.get_logger(__name__)

REMEDIES = {
    400: "Check the request against /openapi.json.",
    404: "Check the address against /openapi.json.",
    405: "Check the method against /openapi.json.",
    413: "Send at most 50 MB a request and 20 MB a photograph.",
    429: "Wait a minute, then try again.",
}
# What people read instead, of whom none knows the API.
TITLES_OF_PAGES = {
    400: _l("The request cannot be read"),
    404: _l("Not found"),
    405: _l("Not possible with this address"),
    413: _l("Too large"),
    429: _l("Too many requests"),
}
REMEDIES_OF_PAGES = {
    400: _l("Go back, load the page again, and send it once more."),
    404: _l("Check the address."),
    405: _l("Go back to the page before, and use its buttons."),
    413: _l("Send less at once."),
    429: _l("Wait a minute, then try again."),
}


def is_page() -> bool:
    """True where a person reads the answer, not a program."""
    return request.path.startswith(PAGES)


def answer(problem: Problem) -> ResponseReturnValue:
    """The problem as a document, or as a page where a person is reading."""
    if is_page():
        return make_response(render_template("problem.html", problem=problem), problem.status)
    return problem.response()


def register_error_handlers(app: Flask) -> None:
    """Answer every error in one shape. Unexpected ones are logged by kind and place, without their text."""

    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> ResponseReturnValue:
        return answer(problem)

    @app.errorhandler(ValidationError)
    def on_validation_error(error: ValidationError) -> ResponseReturnValue:
        return answer(from_validation(error))

    @app.errorhandler(HTTPException)
    def on_http_error(error: HTTPException) -> ResponseReturnValue | WerkzeugResponse:
        status = error.code or 500
        if status < 400:
            return error.get_response()
        title, detail = error.name, REMEDIES.get(status, error.name)
        if is_page():
            title, detail = TITLES_OF_PAGES.get(status, title), REMEDIES_OF_PAGES.get(status, detail)
        headers = {"Allow": ", ".join(error.valid_methods)} if getattr(error, "valid_methods", None) else {}  # type: ignore[attr-defined]
        return answer(Problem(status, error.name.lower().replace(" ", "-"), title, detail, headers=headers))

    @app.errorhandler(Exception)
    def on_surprise(error: Exception) -> ResponseReturnValue:
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        # The text of an exception may quote what a patient wrote; its kind and place never do.
        log.error("request_failed", error=type(error).__name__, place=place, endpoint=request.endpoint)
        return answer(
            Problem(
                500,
                "internal",
                _l("Something went wrong"),
                _l("Nothing was stored. Try again; tell the operator."),
            )
        )

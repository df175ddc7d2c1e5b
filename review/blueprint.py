"""The clinicians' doors for programs: their common address, settings, and the check that a body is JSON."""

from datetime import timedelta
from typing import Any

from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from review.settings import ReviewSettings
from web.problem import Problem
from web.services import services

PROBLEMS = {
    400: "The body is not JSON",
    401: "No or a wrong credential",
    403: "The credential is of another kind",
    404: "No such review, or another clinician's",
    409: "Not possible in this state: not held any more, decided already, or held by another",
    422: "Well-formed, and not acceptable",
    429: "Too many wrong passwords",
}
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]


def problem_responses(*statuses: int) -> dict[str | int, Any]:
    """The description of these problems for /openapi.json."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": PROBLEMS[status], "content": content} for status in statuses}


reviews_api = APIBlueprint(
    "reviews",
    __name__,
    url_prefix="/v1",
    abp_tags=[Tag(name="reviews", description="For clinicians: AI results are preliminary until decided")],
)


def settings() -> ReviewSettings:
    """This room's settings."""
    found: ReviewSettings = services().room_settings["review"]
    return found


def lease() -> timedelta:
    """How long a claim holds."""
    return timedelta(seconds=settings().review_lease_seconds)


def longest_hold() -> timedelta:
    """How long heart-beats hold a case at most."""
    return timedelta(seconds=settings().review_hold_seconds)


def skip_pause() -> timedelta:
    """How long a skipped case is not offered again."""
    return timedelta(minutes=settings().review_skip_minutes)


@reviews_api.before_request
def refuse_malformed_json() -> None:
    """400 for a body that is not JSON; 422 is for JSON that is not acceptable."""
    if request.get_data() and request.get_json(silent=True) is None:
        raise Problem(
            400, "malformed", "The request cannot be read",
            "Send well-formed JSON with the header Content-Type: application/json.",
        )  # fmt: skip

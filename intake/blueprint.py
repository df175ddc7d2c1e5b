"""The doors of intake: their common address, and the problems that any of them may answer."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

PROBLEMS = {
    400: "The request is not well-formed",
    401: "No or a wrong credential",
    403: "The credential does not allow this",
    404: "No such case, or another platform's",
    409: "Not possible in this state, or the first request with this key still runs",
    410: "The case of this Idempotency-Key was erased",
    413: "Too large",
    422: "Well-formed, and not acceptable",
}


def problem_responses(*statuses: int) -> dict[int | str, Any]:
    """The description of these problems for /openapi.json."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": PROBLEMS[status], "content": content} for status in statuses}


cases_api = APIBlueprint(
    "cases",
    __name__,
    url_prefix="/v1",
    abp_tags=[Tag(name="cases", description="Submit cases, follow them, read their results")],
    abp_security=[{"bearer": []}],
    abp_responses=problem_responses(401, 403),
)

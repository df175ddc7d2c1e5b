"""The doors of webhooks: their common address, and the problems that any of them may answer."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from web.json_body import refuse_malformed_json
from web.services import services
from webhooks.settings import WebhooksSettings

PROBLEMS = {
    400: "The body is not JSON",
    401: "No or a wrong credential",
    403: "The credential does not allow this",
    404: "It does not exist, or it is another platform's",
    409: "Not possible in this state",
    422: "Well-formed, and not acceptable",
}


def problem_responses(*statuses: int) -> dict[int | str, Any]:
    """The description of these problems for /openapi.json."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": PROBLEMS[status], "content": content} for status in statuses}


webhooks_api = APIBlueprint(
    "webhooks",
    __name__,
    url_prefix="/v1/webhooks",
    abp_tags=[Tag(name="webhooks", description="Signed events to a platform's own endpoints")],
    abp_security=[{"bearer": []}],
    abp_responses=problem_responses(401, 403),
)
webhooks_api.before_request(refuse_malformed_json)


def room_settings() -> WebhooksSettings:
    """The settings of this room in the current application."""
    settings = services().room_settings["webhooks"]
    assert isinstance(settings, WebhooksSettings)  # noqa: S101 - the front door's contract
    return settings

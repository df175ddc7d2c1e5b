"""RFC 9457 problem details: the one shape of every error of the API.

An error names the field and the remedy, and never repeats what was submitted: it may be about a patient.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Response, json
from pydantic import BaseModel, Field, ValidationError

from web.texts import marked as _l

Absent = Literal[
    "Nothing", "No case", "No review", "No photograph", "No overlay", "No person", "No endpoint", "No event"
]
ABSENT: dict[Absent, str] = {
    "Nothing": _l("Nothing with this address exists for you."),
    "No case": _l("No case with this address exists for you."),
    "No review": _l("No review with this address exists for you."),
    "No photograph": _l("No photograph with this address exists for you."),
    "No overlay": _l("No overlay with this address exists for you."),
    "No person": _l("No person with this address exists for you."),
    "No endpoint": "No endpoint with this address exists for you.",
    "No event": "No event with this address exists for you.",
}


class FieldError(BaseModel):
    """What is wrong with one field, and what to do."""

    field: str = Field(description="Path of the field, such as case.age.years or images[2]")
    detail: str
    remedy: str | None = None


class ProblemDetails(BaseModel):
    """An error as the API answers it (RFC 9457), with the media type application/problem+json."""

    type: str = Field(description="What kind of problem, such as urn:dermtriage:problem:validation")
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


@dataclass
class Problem(Exception):
    """Raise it anywhere in a request: the answer is the problem document and nothing is stored."""

    status: int
    kind: str
    title: str
    detail: str
    errors: list[FieldError] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The problem as an HTTP response."""
        details = ProblemDetails(
            type=f"urn:dermtriage:problem:{self.kind}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
        )
        body = json.dumps(details.model_dump(exclude_none=True))
        return Response(body, self.status, self.headers, mimetype="application/problem+json")


def unauthorized(detail: str, field: str = "Authorization") -> Problem:
    """401: no or a wrong credential. `field` is where it was looked for."""
    return Problem(
        401,
        "unauthorized",
        _l("Not authorised"),
        detail,
        [FieldError(field=field, detail="No valid credential.", remedy=detail)],
        headers={"WWW-Authenticate": 'Bearer realm="dermtriage"'},
    )


def forbidden(detail: str) -> Problem:
    """403: the credential is right and does not allow this."""
    return Problem(403, "forbidden", _l("Not allowed"), detail)


def not_found(what: Absent = "Nothing") -> Problem:
    """404: it does not exist, or it belongs to somebody else; the answer is the same."""
    return Problem(404, "not-found", _l("Not found"), ABSENT[what])


def conflict(detail: str) -> Problem:
    """409: the state does not allow this now."""
    return Problem(409, "conflict", _l("Not possible in this state"), detail)


def invalid(detail: str, errors: Iterable[FieldError], status: int = 422) -> Problem:
    """422: well-formed, and not acceptable."""
    return Problem(status, "validation", _l("The request is not valid"), detail, list(errors))


def from_validation(error: ValidationError, prefix: str = "") -> Problem:
    """Pydantic's findings as a problem, without the values that were sent."""
    errors = [
        FieldError(
            field=_path((prefix, *item["loc"]) if prefix else item["loc"]),
            detail=item["msg"],
            remedy=_remedy(item["type"]),
        )
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    named = ", ".join(item.field for item in errors[:5])
    return invalid(f"Please correct: {named}", errors)


def _path(location: Iterable[Any]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _remedy(kind: str) -> str:
    remedies = {
        "missing": _l("Add this field."),
        "extra_forbidden": "Remove this field or correct its spelling; see /openapi.json for the schema.",
        "json_invalid": "Send well-formed JSON.",
    }
    return remedies.get(kind, _l("Change the value as described; see /openapi.json for the schema."))

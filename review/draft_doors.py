"""Drafts for programs and for the page of a case: kept while somebody types."""

from typing import Annotated, Any
from uuid import UUID

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from review import drafts
from review.blueprint import SECURITY, problem_responses, reviews_api
from review.pages import pages
from review.schemas import Body, ReviewPath
from web.access import clinician, clinician_id, page
from web.problem import from_validation
from web.services import services

NOT_KEPT = {"csrf_token", "verdict"}

Name = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$", max_length=60)]
Value = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4000, strip_whitespace=False)]


class Draft(Body):
    """What stands in one form of the case now."""

    form: Name = Field(description="Which one: confirm, override, retake, escalate, reveal")
    fields: dict[Name, Value | Annotated[list[Value], Field(max_length=20)]] = Field(max_length=30)


class KeptDraft(BaseModel):
    """What is kept of a case for this person: the fields of each form, and which was touched last."""

    last: str | None
    forms: dict[str, dict[str, Any]]


@reviews_api.put(
    "/reviews/<uuid:review_id>/draft",
    summary="Keep what is typed",
    security=SECURITY,
    responses={204: None, **problem_responses(400, 401, 403, 404, 409, 422)},
)
@clinician
def draft(path: ReviewPath, body: Draft) -> Response:
    """Kept for you alone, also when your time with the case has ended; deleted by your decision."""
    drafts.save(services().sessions, clinician_id(), path.review_id, body.form, body.fields)
    return Response(status=204)


@reviews_api.get(
    "/reviews/<uuid:review_id>/draft",
    summary="Read what was typed",
    security=SECURITY,
    responses={200: KeptDraft, **problem_responses(401, 403, 404)},
)
@clinician
def read_draft(path: ReviewPath) -> Response:
    """Your own draft on the case of this review, whichever of your reviews it was typed in."""
    forms = drafts.read(services().sessions, clinician_id(), path.review_id)
    last = forms.pop("last", None)
    return jsonify(KeptDraft(last=last, forms=forms).model_dump(mode="json"))


@pages.post("/cases/<uuid:review_id>/draft", endpoint="draft")
@page
def page_draft(review_id: UUID) -> ResponseReturnValue:
    """The page sends its form a moment after each change."""
    fields = {name: _value(name) for name in request.form if name not in NOT_KEPT}
    try:
        sent = Draft.model_validate({"form": request.form.get("verdict", ""), "fields": fields})
    except ValidationError as error:
        raise from_validation(error) from error
    drafts.save(services().sessions, clinician_id(), review_id, sent.form, sent.fields)
    return "", 204


def _value(name: str) -> str | list[str]:
    values = request.form.getlist(name)
    return values if len(values) > 1 or name == "photographs" else values[0]

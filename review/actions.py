"""What programs and pages do alike with a held case: decide it, see its photographs and their overlays."""

from datetime import timedelta
from uuid import UUID

from flask import Response

from review import decisions, reading
from review.blueprint import settings
from review.image_addresses import check_image_address
from review.photographs import shown
from review.schemas import DecisionRequest
from web.access import clinician_id
from web.problem import not_found
from web.services import services


def record_decision(review_id: UUID, body: DecisionRequest) -> None:
    """Record a verdict and tell the deliveries that there may be work. Raises Problem."""
    found = services()
    undo = timedelta(seconds=settings().review_undo_seconds)
    decisions.decide(found.sessions, found.policy, undo, clinician_id(), review_id, body)
    found.wake_deliveries()


def photograph_response(review_id: UUID, n: int) -> Response:
    """A photograph of a held case, upright. Raises Problem."""
    image = reading.held_image(services().sessions, clinician_id(), review_id, n)
    check_image_address(review_id, n)
    try:
        data, content_type = shown(services().images, image)
    except FileNotFoundError as error:
        raise not_found("No photograph") from error
    return Response(data, mimetype=content_type, headers={"Cache-Control": "no-store"})


def overlay_response(review_id: UUID, n: int) -> Response:
    """Where the model looked in a photograph of a held case. Raises Problem."""
    png = reading.held_overlay(services().sessions, clinician_id(), review_id, n)
    check_image_address(review_id, n)
    return Response(png, mimetype="image/png", headers={"Cache-Control": "no-store"})

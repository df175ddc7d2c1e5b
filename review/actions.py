"""What programs and pages do alike with a held case: decide it, see its photographs and their overlays."""

from datetime import timedelta
from uuid import UUID

from flask import Response

from db.models import Review
from review import amendments, blind, decisions, reading, undoing
from review.blueprint import lease, settings
from review.image_addresses import check_image_address
from review.photographs import shown
from review.rules import Rules
from review.schemas import Amendment, DecisionRequest, Reveal
from web.access import clinician_id
from web.problem import not_found
from web.services import services


def rules() -> Rules:
    """What decisions go by in this application."""
    found = services()
    undo = timedelta(seconds=settings().review_undo_seconds)
    return Rules(found.policy, found.diagnoses, undo, lease())


def record_decision(review_id: UUID, body: DecisionRequest) -> Review:
    """Record a verdict and tell the deliveries that there may be work. Raises Problem."""
    review = decisions.decide(services().sessions, rules(), clinician_id(), review_id, body)
    services().wake_deliveries()
    return review


def record_blind_reading(review_id: UUID, body: Reveal) -> None:
    """Record the reader's own reading of a blind case, so that the AI result is shown. Raises Problem."""
    blind.reveal(services().sessions, services().diagnoses, clinician_id(), review_id, body)


def undo_decision(review_id: UUID) -> None:
    """Take a decision back. Raises Problem."""
    undoing.undo(services().sessions, rules(), clinician_id(), review_id)


def record_amendment(review_id: UUID, body: Amendment) -> UUID:
    """Correct a decision; the id of the review that supersedes it. Raises Problem."""
    amendment_id = amendments.amend(services().sessions, rules(), clinician_id(), review_id, body)
    services().wake_deliveries()
    return amendment_id


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

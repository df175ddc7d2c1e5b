"""What a clinician sees of a review: the whole case while they hold it, only their own verdict afterwards."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Assessment, Case, Image, Review
from db.review_queue import held
from db.saliency import overlay_of, positions_with_overlay
from db.session import SessionFactory
from review.claims import NOT_HELD, own_review
from review.decisions import current_assessment, standing
from review.seeing import note_case_seen
from review.verdicts import Standing
from web.problem import conflict, not_found

State = Literal["held", "decided", "released", "expired"]


class Reading(NamedTuple):
    """A case in the hands of its clinician. The newest photographs come first: the AI result is on those.

    `overlays`: which of `images`, by their place there, have an overlay of where the model looked.
    """

    case: Case
    images: list[Image]
    assessment: Assessment | None
    standing: Standing
    overlays: frozenset[int] = frozenset()


class Seen(NamedTuple):
    """A review; `reading` is None once the clinician does not hold the case any more."""

    review: Review
    state: State
    reading: Reading | None


def see(sessions: SessionFactory, clinician_id: UUID, review_id: UUID) -> Seen:
    """A clinician's own review. Raises Problem 404."""
    with sessions.begin() as session:
        review = own_review(session, review_id, clinician_id)
        case = _held_case(session, review, now())
        if case is None:
            return Seen(review, _state(review), None)
        note_case_seen(session, case.id, review.id)
        images, assessment = _images(session, case), current_assessment(session, case)
        overlays = positions_with_overlay(session, assessment.id) if assessment else frozenset()
        found = Reading(case, images, assessment, standing(session, case, assessment), overlays)
        return Seen(review, "held", found)


def held_image(sessions: SessionFactory, clinician_id: UUID, review_id: UUID, n: int) -> Image:
    """One photograph of a case that the clinician holds. Raises Problem 404, or 409 when it is not held."""
    with sessions.begin() as session:
        review = own_review(session, review_id, clinician_id)
        if _held_case(session, review, now()) is None:
            raise conflict(NOT_HELD)
        note_case_seen(session, review.case_id, review.id)
        images = session.scalars(select(Image).where(Image.case_id == review.case_id)).all()
    found = next((image for image in images if image.position == n), None)
    if found is None:
        raise not_found("No photograph")
    return found


def held_overlay(sessions: SessionFactory, clinician_id: UUID, review_id: UUID, n: int) -> bytes:
    """Where the model looked in a photograph of a case that the clinician holds; raises as `held_image`."""
    with sessions() as session:
        review = own_review(session, review_id, clinician_id)
        case = _held_case(session, review, now())
        if case is None:
            raise conflict(NOT_HELD)
        assessment = current_assessment(session, case)
        places = [place for place, image in enumerate(_images(session, case)) if image.position == n]
        png = overlay_of(session, assessment.id, places[0]) if assessment and places else None
    if png is None:
        raise not_found("No overlay")
    return png


def _images(session: Session, case: Case) -> list[Image]:
    newest_first = (Image.round.desc(), Image.position)
    return list(session.scalars(select(Image).where(Image.case_id == case.id).order_by(*newest_first)))


def _held_case(session: Session, review: Review, at: datetime) -> Case | None:
    return session.scalar(
        select(Case).where(Case.id == review.case_id, *held(review.id, review.clinician_id, at))
    )


def _state(review: Review) -> State:
    if review.decided_at:
        return "decided"
    return "released" if review.released_at else "expired"

"""What a clinician sees of a review: the whole case while they hold it, only their own verdict afterwards."""

from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Assessment, FurtherReading, Image, Review
from db.saliency import overlay_of, positions_with_overlay
from db.session import SessionFactory
from review.blind import refuse_before_reveal
from review.claims import NOT_HELD, own_review
from review.decisions import current_assessment, standing
from review.holding import Held, find_held
from review.seeing import note_case_seen
from review.shown_case import ShownCase, is_hidden, shown_case
from review.verdicts import Standing
from web.problem import conflict, not_found

State = Literal["held", "decided", "released", "expired"]


class Reading(NamedTuple):
    """A case in the hands of its clinician. The newest photographs come first: the AI result is on those.

    `overlays`: which of `images`, by their place there, have an overlay of where the model looked. `blind`:
    the reader must record their own reading first, and nothing here comes from the model. `others`: the
    readings that a senior decides between.
    """

    case: ShownCase
    images: list[Image]
    assessment: Assessment | None
    standing: Standing
    overlays: frozenset[int] = frozenset()
    blind: bool = False
    others: tuple[Review, ...] = ()


class Seen(NamedTuple):
    """A review; `reading` is None once the clinician does not hold the case any more.

    `others`: once they have decided, the readings that theirs was set beside.
    """

    review: Review
    state: State
    reading: Reading | None
    others: tuple[Review, ...] = ()


def see(sessions: SessionFactory, clinician_id: UUID, review_id: UUID) -> Seen:
    """A clinician's own review. Raises Problem 404."""
    with sessions.begin() as session:
        review = own_review(session, review_id, clinician_id)
        held = find_held(session, review, now())
        if held is None:
            others = _readings_beside(session, review) if review.decided_at else ()
            return Seen(review, _state(review), None, others)
        note_case_seen(session, held.case.id, review.id)
        return Seen(review, "held", _reading(session, held))


def held_image(sessions: SessionFactory, clinician_id: UUID, review_id: UUID, n: int) -> Image:
    """One photograph of a case that the clinician holds. Raises Problem 404, or 409 when it is not held."""
    with sessions() as session:
        held = _held(session, clinician_id, review_id)
        images = session.scalars(select(Image).where(Image.case_id == held.case.id)).all()
    found = next((image for image in images if image.position == n), None)
    if found is None:
        raise not_found("No photograph")
    return found


def held_overlay(sessions: SessionFactory, clinician_id: UUID, review_id: UUID, n: int) -> bytes:
    """Where the model looked in a photograph of a case that the clinician holds; raises as `held_image`.

    409 too while the reader's own reading is still to be recorded.
    """
    with sessions() as session:
        held = _held(session, clinician_id, review_id)
        refuse_before_reveal(held.review)
        assessment = current_assessment(session, held.case)
        places = [place for place, image in enumerate(_images(session, held)) if image.position == n]
        png = overlay_of(session, assessment.id, places[0]) if assessment and places else None
    if png is None:
        raise not_found("No overlay")
    return png


def _held(session: Session, clinician_id: UUID, review_id: UUID) -> Held:
    held = find_held(session, own_review(session, review_id, clinician_id), now())
    if held is None:
        raise conflict(NOT_HELD)
    return held


def _reading(session: Session, held: Held) -> Reading:
    case = shown_case(session, held.case, held.review, held.until)
    images = _images(session, held)
    if is_hidden(held.review):
        return Reading(case, images, None, standing(session, case, None), blind=True)
    assessment = current_assessment(session, held.case)
    overlays = positions_with_overlay(session, assessment.id) if assessment else frozenset()
    is_decided_between = held.further is not None and held.further.kind == "adjudication"
    others = _readings_beside(session, held.review) if is_decided_between else ()
    return Reading(case, images, assessment, standing(session, case, assessment), overlays, others=others)


def _images(session: Session, held: Held) -> list[Image]:
    newest_first = (Image.round.desc(), Image.position)
    return list(session.scalars(select(Image).where(Image.case_id == held.case.id).order_by(*newest_first)))


def _readings_beside(session: Session, review: Review) -> tuple[Review, ...]:
    """The readings that a second reading or an adjudication was asked for, in their order."""
    further = session.scalar(select(FurtherReading).where(FurtherReading.review_token == review.id))
    if further is None:
        return ()
    ids = [id for id in (further.review_id, further.other_review_id) if id]
    return tuple(session.scalars(select(Review).where(Review.id.in_(ids)).order_by(Review.decided_at)))


def _state(review: Review) -> State:
    if review.decided_at:
        return "decided"
    return "released" if review.released_at else "expired"

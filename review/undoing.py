"""Undo: within its window a decision is taken back as if it had not been made, and the case is held again.

The event has not left by then. Who took up a further reading in the meantime holds it back: then the decision
stays, and can be corrected.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from db.counts import CountChange, change_counts
from db.further_changes import cancel, hold_again
from db.ids import now
from db.models import Assessment, Case, Event, Review, ReviewDraft
from db.moves import move_one
from db.session import SessionFactory
from review.claims import actor, own_review
from review.holding import readable_case
from review.restoring import restored
from review.rules import Rules
from review.verdicts import AGAIN
from web.problem import conflict
from web.texts import marked as _l

TOO_LATE = _l("This decision is final and cannot be undone. Correct it instead.")
TAKEN = _l("Another clinician reads this case already, so the decision stays. Correct it later instead.")
ASSESSED = _l("The AI result came after your decision, so it stays. Correct it once it is final.")


def undo_until(review: Review, at: datetime) -> datetime | None:
    """Until when a decision can be undone, None where it cannot be (any more)."""
    until = (review.before or {}).get("until")
    end = datetime.fromisoformat(until) if until and review.decided_at else None
    return end if end and end > at else None


def undo(sessions: SessionFactory, rules: Rules, clinician_id: UUID, review_id: UUID) -> None:
    """Take a decision back; its reader holds the case again. Raises Problem: 404, or 409 with the reason."""
    with sessions.begin() as session:
        review = own_review(session, review_id, clinician_id)
        case = readable_case(session, review, lock=True)
        session.refresh(review)
        # The time counts from here: the wait for the lock may have been long.
        at = now()
        before = review.before or {}
        if undo_until(review, at) is None or case.status != before["left"]:
            raise conflict(TOO_LATE)
        _take_back_what_followed(session, case, review, before, at)
        _restore(session, case, review, before, at, rules)
        _keep_as_draft(session, review, at)
        _reopen(review, at)
        session.flush()
        if undo_until_passed(before, now()):
            raise conflict(TOO_LATE)


def undo_until_passed(before: Mapping[str, Any], at: datetime) -> bool:
    """True when the window has closed while the undoing was written: the event may have left."""
    return datetime.fromisoformat(before["until"]) <= at


def _take_back_what_followed(
    session: Session, case: Case, review: Review, before: Mapping[str, Any], at: datetime
) -> None:
    came_later = exists().where(
        Assessment.case_id == case.id,
        Assessment.round == case.round,
        Assessment.created_at > review.decided_at,
    )
    if session.scalar(select(came_later)):
        raise conflict(ASSESSED)
    if "opened" in before and not cancel(session, UUID(before["opened"])):
        raise conflict(TAKEN)
    events = [UUID(event) for event in before["events"]]
    gone = session.scalars(
        delete(Event)
        .where(Event.id.in_(events), Event.available_at > at, Event.dispatched_at.is_(None))
        .returning(Event.id)
    ).all()
    if len(gone) != len(events):
        raise conflict(TOO_LATE)
    if "took_effect" in before:
        session.get_one(Review, UUID(before["took_effect"])).final_at = None


def _restore(
    session: Session, case: Case, review: Review, before: Mapping[str, Any], at: datetime, rules: Rules
) -> None:
    values = {getattr(Case, name): value for name, value in restored(before["case"]).items()}
    if review.kind in AGAIN:
        hold_again(session, UUID(before["reading"]), at + rules.lease)
        status = before["status"]
    else:
        status = "in_review"
        values |= {
            Case.reviewer_id: review.clinician_id,
            Case.review_token: review.id,
            Case.review_until: at + rules.lease,
        }
    move_one(
        session, case.id, Case.status == before["left"],
        status=status, action="review.undone", actor=actor(review.clinician_id),
        detail=f"review:{review.id}", values=values, at=at,
    )  # fmt: skip
    if "counted" in before["case"]:
        counts = CountChange(case.accepted_at, case.region, case.counted, before["case"]["counted"])
        change_counts(session, [counts])


def _keep_as_draft(session: Session, review: Review, at: datetime) -> None:
    """What was typed stands in the form again."""
    fields = {
        "level": review.level,
        "diagnosis": review.diagnosis_code or review.diagnosis,
        "reason": review.reason,
        **{f"laboratory_{name}": value for name, value in (review.laboratory or {}).items()},
    }
    form = {name: str(value) for name, value in fields.items() if value is not None}
    if review.verdict == "confirm":
        form.pop("level"), form.pop("diagnosis", None)
    draft = {str(review.verdict): form, "last": review.verdict}
    session.merge(
        ReviewDraft(case_id=review.case_id, clinician_id=review.clinician_id, fields=draft, saved_at=at)
    )


def _reopen(review: Review, at: datetime) -> None:
    review.undone_at = at
    review.decided_at = review.final_at = review.before = None
    review.verdict = review.level = review.reason = None
    review.diagnosis = review.diagnosis_code = review.laboratory = None

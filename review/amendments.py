"""Corrections after a decision is final: a new review that supersedes the one that stands, which is kept."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.further_changes import cancel, open_readings
from db.ids import new_id, now
from db.models import Case, Review
from db.readers import Reader, may_read, reader_of
from db.session import SessionFactory
from review import effects
from review.deciding import Deciding, standing_review
from review.decisions import current_assessment
from review.first_decision import why_read_again
from review.rules import Rules
from review.schemas import Amendment
from review.shown_case import before_decisions
from review.verdicts import OVERRIDE_RULE, Outcome, coded
from triage import Level
from web.problem import conflict, not_found
from web.texts import marked as _l

NOT_FINAL = _l("This decision is not final yet: it can still be undone, or waits for another reader.")
REPLACED = _l("A later decision stands for this case. Only the one that stands can be corrected.")
READ_NOW = _l(
    "Another clinician reads this case now, or a senior will. Correct the decision when they are done."
)


def amendable(
    session: Session, clinician_id: UUID, review_id: UUID, *, lock: bool = False
) -> tuple[Case, Review]:
    """The case and its decision that this person may correct: their own, or any for a senior.

    Raises Problem: 404, or 409 when another decision stands or nothing is final yet.
    """
    reader = reader_of(session, clinician_id)
    case = _case_of(session, reader, review_id, lock=lock)
    review = session.get_one(Review, review_id, populate_existing=True)
    if review.clinician_id != clinician_id and (reader.role != "senior" or review.final_at is None):
        raise not_found("No review")
    if case.status != "completed" or (case.final_at and case.final_at > now()):
        raise conflict(NOT_FINAL)
    standing = standing_review(session, case.id)
    if standing is None or standing.id != review.id:
        raise conflict(REPLACED)
    return case, review


def amend(
    sessions: SessionFactory, rules: Rules, clinician_id: UUID, review_id: UUID, request: Amendment
) -> UUID:
    """Correct a decision; the id of the review that supersedes it.

    A lowered level waits for a second reading where the policy asks for one. Raises Problem: 404, 409, 422.
    """
    at = now()
    with sessions.begin() as session:
        case, superseded = amendable(session, clinician_id, review_id, lock=True)
        still_asked = _end_second_readings(session, case)
        diagnosis, code = coded(request.diagnosis, rules.diagnoses, "diagnosis")
        assessment = current_assessment(session, case)
        review = Review(
            id=new_id(), case_id=case.id, clinician_id=clinician_id, kind="amendment", claimed_at=at,
            supersedes_id=superseded.id, assessment_id=assessment.id if assessment else None,
        )  # fmt: skip
        session.add(review)
        session.flush()
        _record(
            Deciding(
                session=session,
                rules=rules,
                review=review,
                case=case,
                verdict="override",
                outcome=Outcome("completed", request.level, diagnosis, code, request.reason, OVERRIDE_RULE),
                laboratory=request.laboratory,
                ai_level=assessment.level if assessment else None,  # type: ignore[arg-type]
                at=at,
            ),
            still_asked,
        )
        return review.id


def _record(deciding: Deciding, still_asked: tuple[str, ...]) -> None:
    case, outcome = deciding.case, deciding.outcome
    why = () if case.known else tuple(dict.fromkeys((*still_asked, *why_read_again(deciding))))
    waits = bool(why) and deciding.lowers
    if waits:
        effect = effects.waits(case, outcome)
    else:
        counted = before_decisions(deciding.session, case).get("counted", case.counted)
        effect = effects.stands(case, outcome, deciding.laboratory, counted, deciding.at, deciding.at)
    in_force: Level = effect.values.get("level", case.level)
    before = deciding.apply(effect, "review.amended", " waits" if waits else "")
    if why:
        before["opened"] = str(deciding.ask_for("second", why, takes_effect=waits, level=in_force))
    deciding.close(final_at=None if waits else deciding.at, before=before, undo=False)


def _end_second_readings(session: Session, case: Case) -> tuple[str, ...]:
    """Nobody needs to check the old decision any more, but the new one: why, as it was asked for.

    Raises Problem 409 while somebody reads, and where a senior is asked to decide.
    """
    asked: list[str] = []
    for further in open_readings(session, case.id):
        if further.kind != "second" or not cancel(session, further.id):
            raise conflict(READ_NOW)
        asked += further.why
    return tuple(asked)


def _case_of(session: Session, reader: Reader, review_id: UUID, *, lock: bool) -> Case:
    query = (
        select(Case)
        .join(Review, Review.case_id == Case.id)
        .where(Review.id == review_id, *may_read(reader))
        .execution_options(populate_existing=True)
    )
    case = session.scalar(query.with_for_update(of=Case) if lock else query)
    if case is None:
        raise not_found("No review")
    return case

"""What must be true of every case at every moment, asked of the database; what is not, in words."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Case, Clinician, Event, FurtherReading, Review, SurveillanceCount
from triage import RANK

OPEN = ("waiting", "held")


def faults(session: Session, platforms: Sequence[UUID], region: str) -> list[str]:
    """Every fault found in the cases of these platforms; `region` is theirs alone."""
    cases = session.scalars(select(Case).where(Case.platform_id.in_(platforms))).all()
    ids = [case.id for case in cases]
    reviews, readings = defaultdict(list), defaultdict(list)
    for review in session.scalars(select(Review).where(Review.case_id.in_(ids)).order_by(Review.id)):
        reviews[review.case_id].append(review)
    for further in session.scalars(select(FurtherReading).where(FurtherReading.case_id.in_(ids))):
        readings[further.case_id].append(further)
    events = defaultdict(list)
    in_order = select(Event).where(Event.case_id.in_(ids)).order_by(Event.available_at, Event.id)
    for event in session.scalars(in_order):
        events[event.case_id].append(event)
    people = set(session.scalars(select(Clinician.id)))
    found: list[str] = []
    for case in cases:
        own = (case, reviews[case.id], readings[case.id])
        found += _of_decisions(*own, people)
        found += _of_holders(*own)
        found += _of_waiting(case, readings[case.id])
        found += _of_events(case, events[case.id])
        found += _of_blindness(reviews[case.id])
    return found + list(_of_counts(session, [case for case in cases if not case.known], region))


def _of_decisions(
    case: Case, reviews: list[Review], readings: list[FurtherReading], people: set[UUID]
) -> Iterator[str]:
    results = [
        review
        for review in reviews
        if review.final_at and review.decided_at and review.verdict in ("confirm", "override")
    ]
    if case.rank != RANK[case.level] and not case.known:  # type: ignore[index]
        yield f"{case.id}: rank {case.rank} at level {case.level}"
    if case.known and case.rank < RANK["routine"]:
        yield f"{case.id}: a known case ahead of real ones"
    if (case.status == "completed") != (case.completed_at is not None):
        yield f"{case.id}: {case.status}, completed at {case.completed_at}"
    if case.status != "completed":
        if case.final_at or results:
            yield f"{case.id}: {case.status}, and yet it has a result"
        return
    if case.known:
        if not any(review.decided_at for review in reviews):
            yield f"{case.id}: a known case ended by nobody"
        return
    if not results:
        yield f"{case.id}: completed without a person's decision"
        return
    stands = max(results, key=lambda review: (review.final_at, review.decided_at))
    if stands.clinician_id not in people or stands.undone_at:
        yield f"{case.id}: what stands is no person's decision, or was undone"
    if stands.level != case.level:
        yield f"{case.id}: level {case.level}, decided {stands.level}"


def _of_holders(case: Case, reviews: list[Review], readings: list[FurtherReading]) -> Iterator[str]:
    held = [further for further in readings if further.state == "held"]
    tokens = {further.review_token for further in held}
    if (case.status == "in_review") != (case.review_token is not None):
        yield f"{case.id}: {case.status} with token {case.review_token}"
    if case.review_token:
        tokens.add(case.review_token)
    in_hands = {review.id for review in reviews if not review.decided_at and not review.released_at}
    if in_hands != tokens:
        yield f"{case.id}: in hands {in_hands}, leases of {tokens}"
    if len(tokens) > 1:
        yield f"{case.id}: two holders"
    by_id = {review.id: review for review in reviews}
    for further in held:
        if further.reviewer_id in further.excluded:
            yield f"{case.id}: somebody checks their own reading"
        if further.reviewer_id != by_id[further.review_token].clinician_id:  # type: ignore[index]
            yield f"{case.id}: the holder is not the reader"


def _of_waiting(case: Case, readings: list[FurtherReading]) -> Iterator[str]:
    still_open = [further for further in readings if further.state in OPEN]
    if len(still_open) > 1:
        yield f"{case.id}: {len(still_open)} further readings at once"
    undecided = [further for further in still_open if further.takes_effect and case.status != "completed"]
    if case.awaits_reading != bool(undecided):
        yield f"{case.id}: awaits a reading: {case.awaits_reading}, asked for: {len(undecided)}"
    if case.awaits_reading and case.status != "awaiting_review":
        yield f"{case.id}: {case.status} while a decision waits"
    if case.known and readings:
        yield f"{case.id}: a known case is read again"


def _of_events(case: Case, events: list[Event]) -> Iterator[str]:
    if case.known:
        if events:
            yield f"{case.id}: a known case is told of"
        return
    results = [event for event in events if event.type in ("case.completed", "case.amended")]
    kinds = Counter(event.type for event in results)
    if kinds["case.completed"] != (case.status == "completed"):
        yield f"{case.id}: {case.status}, told as completed {kinds['case.completed']} times"
    if results and (results[0].type != "case.completed" or results[-1].payload["level"] != case.level):
        told = [(event.type, event.payload["level"]) for event in results]
        yield f"{case.id}: level {case.level}, told {told}"


def _of_blindness(reviews: list[Review]) -> Iterator[str]:
    for review in reviews:
        recorded = (review.blind_level, review.blind_diagnosis, review.revealed_at)
        if any(recorded) and not all(recorded):
            yield f"{review.case_id}: half a blind reading"
        if review.blind and review.decided_at and not review.revealed_at:
            yield f"{review.case_id}: decided before the own reading was recorded"


def _of_counts(session: Session, cases: list[Case], region: str) -> Iterator[str]:
    cells = Counter((cell["condition"], cell["status"]) for case in cases for cell in case.counted)
    rows = session.scalars(select(SurveillanceCount).where(SurveillanceCount.region == region))
    counted = Counter({(row.condition, row.status): row.count for row in rows if row.count})
    if counted != cells:
        yield f"counted {dict(counted)}, the cases say {dict(cells)}"

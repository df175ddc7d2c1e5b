"""What a reader types is kept while they type, under case and person: a lost lease or a crash loses nothing.

A draft holds the fields of each form of the page under the form's name, and in `last` which one was touched
last. The decision deletes it. It is nobody's but its writer's, and stands in no log.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Case, Review, ReviewDraft
from db.readers import may_read, reader_of
from db.session import SessionFactory
from web.problem import conflict, not_found
from web.texts import marked as _l

Fields = dict[str, Any]
KEPT = timedelta(days=30)
"""How long a draft is kept that no decision of its writer deletes."""


def save(sessions: SessionFactory, clinician_id: UUID, review_id: UUID, form: str, fields: Fields) -> None:
    """Keep what stands in one form now; the other forms' fields stay as they were.

    The reader need not hold the case any more, but must have held it by this review, and not decided it.
    Raises Problem: 404 for another's review or a case that the reader may not read, 409 once decided.
    """
    at = now()
    with sessions.begin() as session:
        review = session.scalar(_own(session, clinician_id, review_id).with_for_update(of=Review))
        if review is None:
            raise not_found("No review")
        if review.decided_at is not None:
            raise conflict(_l("You decided this case already; there is nothing to keep."))
        row = {"case_id": review.case_id, "clinician_id": clinician_id, "saved_at": at}
        new = insert(ReviewDraft).values(**row, fields={form: fields, "last": form})
        session.execute(
            new.on_conflict_do_update(
                index_elements=[ReviewDraft.case_id, ReviewDraft.clinician_id],
                set_={"fields": ReviewDraft.fields.op("||")(new.excluded.fields), "saved_at": at},
            )
        )


def kept(session: Session, case_id: UUID, clinician_id: UUID) -> Fields:
    """The reader's draft on a case, empty where there is none."""
    draft = session.get(ReviewDraft, (case_id, clinician_id))
    return draft.fields if draft else {}


def read(sessions: SessionFactory, clinician_id: UUID, review_id: UUID) -> Fields:
    """The draft beside one's own review. Raises Problem 404."""
    with sessions() as session:
        review = session.scalar(_own(session, clinician_id, review_id))
        if review is None:
            raise not_found("No review")
        return kept(session, review.case_id, clinician_id)


def forget(session: Session, case_id: UUID, clinician_id: UUID) -> None:
    """The case was decided: delete its draft, and what this person left elsewhere long ago."""
    session.execute(
        delete(ReviewDraft).where(
            ReviewDraft.clinician_id == clinician_id,
            (ReviewDraft.case_id == case_id) | (ReviewDraft.saved_at < now() - KEPT),
        )
    )


def _own(session: Session, clinician_id: UUID, review_id: UUID) -> Select[Review]:
    return (
        select(Review)
        .join(Case, Case.id == Review.case_id)
        .where(Review.id == review_id, Review.clinician_id == clinician_id)
        .where(*may_read(reader_of(session, clinician_id)))
    )

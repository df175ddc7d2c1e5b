"""Whose figures a person may see: a clinician their own; a senior those of the cases that they may read."""

from typing import NamedTuple

from sqlalchemy import and_, or_
from sqlalchemy.orm import Session

from db.models import Case, Review
from db.readers import may_read, reader_of
from review.figures.groups import Scope
from web.access import caller, clinician_id


class Whose(NamedTuple):
    """Conditions on reviews and cases; `own`: nothing but the person's own readings."""

    scope: Scope
    own: bool = False


def whose(session: Session) -> Whose:
    """What the person who asks may see."""
    role = caller().role
    if role == "clinician":
        return Whose((Review.clinician_id == clinician_id(),), own=True)
    if role == "senior":
        limits = may_read(reader_of(session, clinician_id()))
        return Whose((or_(Case.known, and_(*limits)),) if limits else ())
    return Whose(())

"""Whose figures a person may see: a clinician their own; a senior those of the cases that they may read.

Nobody sees how their own readings of known cases count: which cases were known would soon be told by that.
"""

from typing import NamedTuple

from sqlalchemy import and_, or_
from sqlalchemy.orm import Session

from db.models import Case, Review
from db.readers import READING_ROLES, may_read, reader_of
from review.figures.groups import Scope
from web.access import caller, clinician_id


class Whose(NamedTuple):
    """Conditions on reviews and cases; `own`: nothing but the person's own readings."""

    scope: Scope
    own: bool = False


def whose(session: Session) -> Whose:
    """What the person who asks may see."""
    if caller().role not in READING_ROLES:
        return Whose(())
    not_watched = or_(Review.kind != "known", Review.clinician_id != clinician_id())
    if caller().role == "clinician":
        return Whose((Review.clinician_id == clinician_id(), not_watched), own=True)
    limits = may_read(reader_of(session, clinician_id()))
    may_see = (or_(Case.known, and_(*limits)),) if limits else ()
    return Whose((not_watched, *may_see))

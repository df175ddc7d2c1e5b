"""What happened to a case so far, as its reader sees it: steps and times, no names, no levels.

The audit trail holds more; this is the part that says nothing of what the model or another reader found, so
it may be shown before the AI result is revealed and to second readers too.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AuditEntry

STEP_WORDS = {
    "case.accepted": _("accepted"),
    "case.assessed": _("read by the model"),
    "case.failed": _("the model could not read it"),
    "case.new_photographs": _("new photographs came"),
    "review.claimed": _("claimed"),
    "review.released": _("given back"),
    "review.skipped": _("passed over"),
    "review.handed_over": _("handed over"),
    "review.expired": _("time ended, given back"),
    "review.confirm": _("decided"),
    "review.override": _("decided"),
    "review.second_reading": _("second reading asked for"),
    "review.undone": _("decision taken back"),
    "review.retake": _("new photographs asked for"),
    "review.escalate": _("made more urgent by a clinician"),
}


class Step(NamedTuple):
    """One thing that happened, in words."""

    at: datetime
    words: str


def timeline(session: Session, case_id: UUID) -> list[Step]:
    """The steps of a case, oldest first."""
    entries = session.execute(
        select(AuditEntry.at, AuditEntry.action)
        .where(AuditEntry.case_id == case_id, AuditEntry.action.in_(STEP_WORDS))
        .order_by(AuditEntry.seq)
    )
    return [Step(at, STEP_WORDS[action]) for at, action in entries]

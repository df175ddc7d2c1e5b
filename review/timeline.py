"""What happened to a case so far, as its reader sees it: steps and times, no names, no levels.

The audit trail holds more. Steps that tell of the model's result, or of what people made of it, are left out
until a blind reading is recorded.
"""

from datetime import datetime
from typing import NamedTuple

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AuditEntry
from review.shown_case import ShownCase

ACCEPTED = _("accepted")
STEP_WORDS = {
    "case.new_photographs": _("new photographs came"),
    "review.claimed": _("claimed"),
    "review.released": _("given back"),
    "review.skipped": _("passed over"),
    "review.handed_over": _("handed over"),
    "review.expired": _("time ended, given back"),
    "review.retake": _("new photographs asked for"),
}
AFTER_THE_MODEL = {
    "case.assessed": _("read by the model"),
    "case.failed": _("the model could not read it"),
    "review.revealed": _("own reading recorded"),
    "review.confirm": _("decided"),
    "review.override": _("decided"),
    "review.escalate": _("made more urgent by a clinician"),
    "review.undone": _("decision taken back"),
    "review.amended": _("decision corrected"),
    "review.second_reading": _("second reading asked for"),
    "review.second.claimed": _("second reading begun"),
    "review.second.confirm": _("read a second time"),
    "review.second.override": _("read a second time"),
    "review.adjudication": _("a senior asked to decide"),
    "review.adjudication.claimed": _("taken by a senior"),
}


class Step(NamedTuple):
    """One thing that happened, in words."""

    at: datetime
    words: str


def timeline(session: Session, case: ShownCase, *, blind: bool) -> list[Step]:
    """The steps of a case, oldest first. The first is told for copies too, which were never accepted."""
    words = STEP_WORDS if blind else STEP_WORDS | AFTER_THE_MODEL
    entries = session.execute(
        select(AuditEntry.at, AuditEntry.action)
        .where(AuditEntry.case_id == case.id, AuditEntry.action.in_(words))
        .order_by(AuditEntry.seq)
    )
    return [Step(case.accepted_at, ACCEPTED), *(Step(at, words[action]) for at, action in entries)]

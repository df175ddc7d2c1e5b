"""What an entry of the audit trail says was done, in words."""

from flask_babel import lazy_gettext as _

ACTION_WORDS = {
    "case.accepted": _("accepted"),
    "case.claimed": _("taken by a worker for the AI result"),
    "case.assessed": _("AI result written"),
    "case.failed": _("no AI result: the model could not read it"),
    "case.given_back": _("given back by a worker"),
    "case.returned": _("taken back from a worker that was lost"),
    "case.new_photographs": _("new photographs came"),
    "case.cancelled": _("cancelled by the platform"),
    "case.overdue": _("not decided in time"),
    "case.seeded": _("made as a known case"),
    "case.copied": _("copied as a known case"),
    "case.erased": _("erased"),
    "review.claimed": _("claimed"),
    "review.seen": _("case seen"),
    "review.revealed": _("own reading recorded, then the AI result shown"),
    "review.released": _("given back"),
    "review.skipped": _("passed over"),
    "review.handed_over": _("handed over"),
    "review.expired": _("given back, because the time to read it ended"),
    "review.confirm": _("decided: confirmed"),
    "review.override": _("decided: overridden"),
    "review.retake": _("decided: new photographs asked for"),
    "review.escalate": _("made more urgent"),
    "review.undone": _("decision undone"),
    "review.amended": _("decision corrected"),
    "review.second_reading": _("second reading asked for"),
    "review.adjudication": _("adjudication asked for"),
    "review.second.claimed": _("second reading: claimed"),
    "review.second.released": _("second reading: given back"),
    "review.second.expired": _("second reading: given back, because the time to read it ended"),
    "review.second.confirm": _("second reading: confirmed"),
    "review.second.override": _("second reading: overridden"),
    "review.adjudication.claimed": _("adjudication: claimed"),
    "review.adjudication.released": _("adjudication: given back"),
    "review.adjudication.expired": _("adjudication: given back, because the time to read it ended"),
    "review.adjudication.confirm": _("adjudication: confirmed"),
    "review.adjudication.override": _("adjudication: overridden"),
    "audit.seen": _("audit trail read"),
    "audit.exported": _("audit trail exported"),
}


def action_in_words(action: str) -> object:
    """The action's words; for one without, its name."""
    return ACTION_WORDS.get(action, action)

"""What an entry of the audit trail says was done, in words."""

from flask_babel import lazy_gettext as _

ACTION_WORDS = {
    "case.accepted": _("accepted"),
    "case.erased": _("erased"),
    "case.cancelled": _("cancelled by the platform"),
    "review.seen": _("case seen"),
    "review.claimed": _("claimed"),
    "review.released": _("given back"),
    "review.expired": _("given back, because the time to read it ended"),
    "review.confirm": _("decided: confirmed"),
    "review.override": _("decided: overridden"),
    "review.retake": _("decided: new photographs asked for"),
    "review.escalate": _("made more urgent"),
    "audit.seen": _("audit trail read"),
    "audit.exported": _("audit trail exported"),
}


def action_in_words(action: str) -> object:
    """The action's words; for one without, its name."""
    return ACTION_WORDS.get(action, action)

"""Words of the queue's page: kinds of readings, notices, choices of the filters."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from db.notice_lists import OpenNotice
from review.wording import time_until

KIND_WORDS = {
    "second": _("second reading"),
    "adjudication": _("adjudication"),
}

SENTENCES = {
    "unclaimable": _(
        "Nobody may claim case %(case)s (%(detail)s). Grant its platform, region and language to a reader."
    ),
    "drift": _("The AI results drift: %(subject)s. See the figures. %(detail)s"),
}


def notice_in_words(notice: OpenNotice, at: datetime) -> str:
    """What has happened, in a sentence or two; ids and levels only."""
    case = str(notice.case_id)[-8:]
    if notice.kind == "overdue":
        return _overdue(notice, case, at)
    about = {"case": case, "subject": notice.subject, "detail": notice.detail}
    return str(SENTENCES.get(notice.kind, "%(subject)s %(detail)s")) % about


def _overdue(notice: OpenNotice, case: str, at: datetime) -> str:
    if notice.is_further:
        words = gettext("The second reading of case %(case)s is late.", case=case)
    elif notice.due_at is not None:
        words = gettext("Case %(case)s: %(late)s.", case=case, late=time_until(notice.due_at, at))
    else:
        words = gettext("Case %(case)s is late.", case=case)
    told = {2: gettext("Clinicians were told."), 3: gettext("Clinicians and seniors were told.")}
    return " ".join(filter(None, (words, told.get(notice.stage, ""))))


def named(ids: Iterable[str], names: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """The options of a choice: value and words."""
    return [(value, str(names[value])) for value in ids]

"""What stands beside a case on its page: addresses of its photographs, timeline, earlier cases, the draft."""

from functools import partial
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from db.models import Review
from db.readers import reader_of
from db.session import SessionFactory
from review import drafts
from review.earlier import earlier_cases
from review.image_addresses import image_address
from review.shown_case import ShownCase, is_hidden
from review.timeline import timeline


def beside(sessions: SessionFactory, review: Review, case: ShownCase) -> dict[str, Any]:
    """For the template of the case; to be called in the request of the person who holds it."""
    with sessions() as session:
        return {
            "timeline": timeline(session, case, blind=is_hidden(review)),
            "earlier": earlier_cases(session, reader_of(session, review.clinician_id), case),
            "draft": drafts.kept(session, case.id, review.clinician_id),
            "image_address": partial(_address, review.id),
        }


def typed_or_kept(form: MultiDict[str, str], draft: drafts.Fields) -> dict[str, dict[str, Any]]:
    """What each form of the page starts with: what was sent just now and refused, else the draft."""
    kept = {name: fields for name, fields in draft.items() if isinstance(fields, dict)}
    sent: dict[str, Any] = {
        name: form.getlist(name) if name == "photographs" else form[name] for name in form
    }
    return {**kept, sent["verdict"]: sent} if sent.get("verdict") else kept


def _address(review_id: UUID, kind: str, n: int) -> str:
    return image_address(f"review_pages.{kind}", review_id, n)

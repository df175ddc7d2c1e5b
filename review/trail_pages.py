"""The audit trail of one case, for administrators and auditors: who did what when, and whether it is whole.

Ids, states and levels only: no photograph and no clinical text is to be had here.
"""

import json
from collections.abc import Iterator
from uuid import UUID

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from db.audit import verify_chain
from db.audit.trail import entries_of, has_chain, names_of, trail_lines
from review.pages import pages
from review.seeing import note_trail_seen, note_trail_taken
from review.trail_words import action_in_words
from web.access import page
from web.problem import not_found
from web.services import services

SHOWN = 200


class TrailQuery(BaseModel):
    """Which case, and entries older than which."""

    model_config = ConfigDict(extra="forbid")

    case: str = Field(default="", max_length=100)
    before: int | None = Field(default=None, ge=1)


@pages.get("/trail")
@page
def trail() -> ResponseReturnValue:
    """Search by a case's id; its newest entries, and the state of its chain."""
    query = TrailQuery.model_validate(request.args.to_dict())
    case_id = _id(query.case)
    if case_id is None:
        return render_template("review/trail.html", asked=query.case, case_id=None)
    with services().sessions.begin() as session:
        if not has_chain(session, case_id):
            return render_template("review/trail.html", asked=query.case, case_id=None)
        note_trail_seen(session, case_id)
        found = entries_of(session, case_id, SHOWN, query.before)
        return render_template(
            "review/trail.html",
            asked=query.case,
            case_id=case_id,
            entries=found.entries,
            older=found.before,
            names=names_of(session, [entry.actor for entry in found.entries]),
            faults=verify_chain(session, case_id),
            action_in_words=action_in_words,
        )


@pages.get("/trail/<uuid:case_id>/export")
@page
def trail_export(case_id: UUID) -> ResponseReturnValue:
    """The trail as JSON lines, written out as it is read."""
    with services().sessions.begin() as session:
        if not has_chain(session, case_id):
            raise not_found("No case")
        note_trail_taken(session, case_id)

    def lines() -> Iterator[str]:
        with services().sessions() as session:
            for line in trail_lines(session, case_id):
                yield json.dumps(line) + "\n"

    return Response(
        stream_with_context(lines()),
        mimetype="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="trail-{case_id}.jsonl"'},
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None

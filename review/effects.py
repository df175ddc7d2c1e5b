"""What a decision changes: pure, over the row of a case and what its reader said. Knows no SQL.

A kept or raised level takes effect at once; what a decision changes of a case that is decided already goes
to the platform as an amendment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from db.events import EventType
from db.models import Case
from review.counting import counted_after_decision
from review.verdicts import Outcome
from triage import RANK, Laboratory, Level, Policy, due_at
from web.texts import marked as _l

NOT_HELD: dict[str, Any] = {"reviewer_id": None, "review_token": None, "review_until": None}
# Nothing is left for the model until new photographs come; a run on the old ones loses its lease.
AWAITING_PHOTOGRAPHS: dict[str, Any] = {
    "assess_state": "none",
    "lease_owner": None,
    "lease_token": None,
    "lease_until": None,
}
RAISED = {"rule": "clinician.second_reading", "text": _l("A second reader raised the level.")}


@dataclass(frozen=True)
class Effect:
    """The status and columns that a case gets, and the events with the time from which each may leave."""

    status: str
    level: Level
    values: dict[str, Any] = field(default_factory=dict)
    events: tuple[tuple[EventType, datetime], ...] = ()


def nothing(case: Case, level: Level) -> Effect:
    """The reading is kept; the case stays as it is."""
    return Effect(case.status, level)


def sent_on(case: Case, outcome: Outcome, policy: Policy, at: datetime) -> Effect:
    """No result: new photographs are asked for, or the case goes back to the queue with a higher level."""
    values = {**NOT_HELD, **_level(case, outcome)}
    if outcome.status == "needs_retake":
        return Effect(
            outcome.status, outcome.level, {**values, **AWAITING_PHOTOGRAPHS}, (("case.needs_retake", at),)
        )
    values["due_at"] = min(case.due_at, due_at(case.accepted_at, outcome.level, policy))
    # The blind first reading is done. Left blind, lists would show the raised case by its level at intake.
    values["blind"] = False
    events: tuple[tuple[EventType, datetime], ...] = (*_emergency(case, outcome.level, at),)
    return Effect(outcome.status, outcome.level, values, (*events, ("case.escalated", at)))


def waits(case: Case, outcome: Outcome) -> Effect:
    """A lowering that another person must read first: until then the case keeps its level, undecided."""
    if case.status == "completed":
        return nothing(case, outcome.level)
    return Effect("awaiting_review", outcome.level, {**NOT_HELD, "awaits_reading": True})


def stands(
    case: Case,
    outcome: Outcome,
    laboratory: Laboratory | None,
    counted_before: Sequence[dict[str, Any]],
    at: datetime,
    final_at: datetime,
) -> Effect:
    """The reading becomes the result: completed, or amended where a result stood already."""
    counted = counted_after_decision(counted_before, outcome.diagnosis, laboratory)
    values = {**_level(case, outcome), "counted": counted}
    told = _emergency(case, outcome.level, at)
    if case.status == "completed":
        return Effect("completed", outcome.level, values | settled(case, at), (*told, ("case.amended", at)))
    values |= {**NOT_HELD, "awaits_reading": False, "completed_at": at, "final_at": final_at}
    return Effect("completed", outcome.level, values, (*told, ("case.completed", final_at)))


def raises(case: Case, outcome: Outcome, policy: Policy, at: datetime) -> Effect:
    """A second reader found the case more urgent: the level rises at once, the rest waits for a senior."""
    level = outcome.level
    values = _level(case, replace(outcome, rule=RAISED))
    values["due_at"] = min(case.due_at, due_at(case.accepted_at, level, policy))
    event: EventType = "case.amended" if case.status == "completed" else "case.escalated"
    if case.status == "completed":
        values |= settled(case, at)
    return Effect(case.status, level, values, (*_emergency(case, level, at), (event, at)))


def without_traces(effect: Effect) -> Effect:
    """The same for a known case: nobody is told or counts it, and its rank stays."""
    silent = {name: value for name, value in effect.values.items() if name not in ("counted", "rank")}
    return replace(effect, values=silent, events=())


def _level(case: Case, outcome: Outcome) -> dict[str, Any]:
    reasons = [outcome.rule] if outcome.rule else []
    return {"level": outcome.level, "rank": RANK[outcome.level], "reasons": [*case.reasons, *reasons]}


def _emergency(case: Case, level: Level, at: datetime) -> tuple[tuple[EventType, datetime], ...]:
    # Platforms tell the patient to seek care on `case.emergency`, whoever found the emergency.
    return (("case.emergency", at),) if level == "emergency" != case.level else ()


def settled(case: Case, at: datetime) -> dict[str, Any]:
    """The column of a decided case whose result is final by now: another person has built on it."""
    return {"final_at": min(case.final_at or at, at)}

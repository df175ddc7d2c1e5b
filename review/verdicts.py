"""What a verdict does to a case: pure, over plain data. Knows no SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from db.events import EventType
from review.counting import Diagnosis
from review.schemas import DecisionRequest
from triage import RANK, Level
from web.problem import FieldError, Problem, conflict, invalid


class Standing(NamedTuple):
    """How a case stands before the decision; no `ai_level` where there is no AI result."""

    level: Level
    photographs: Sequence[int]
    ai_level: Level | None = None
    ai_condition: Diagnosis | None = None


@dataclass(frozen=True)
class Outcome:
    """What the case becomes. `rule` names the clinician's part in the case's reasons, where there is one."""

    status: str
    level: Level
    event: EventType
    diagnosis: Diagnosis | None = None
    reason: str | None = None
    rule: dict[str, Any] | None = None

    @property
    def completes(self) -> bool:
        """True where the clinician's answer goes to the platform as the result."""
        return self.status == "completed"


# Per verdict: the fields that it needs, and those that it may have.
FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "confirm": (set(), {"reason", "laboratory"}),
    "override": ({"level", "reason"}, {"diagnosis", "laboratory"}),
    "retake": ({"reason"}, {"photographs"}),
    "escalate": (set(), {"level", "reason"}),
}

WHY_NEEDED = {
    "level": "Choose the level that you give.",
    "reason": "Say why in a few words; for a retake, what to photograph better.",
}


def outcome_of(request: DecisionRequest, case: Standing) -> Outcome:
    """Apply a verdict. Raises Problem: 422 names the field, 409 what the case lacks."""
    errors = list(_field_errors(request))
    if errors:
        named = ", ".join(error.field for error in errors)
        raise invalid(f"Please correct: {named}", errors)
    return {"confirm": _confirm, "override": _override, "retake": _retake, "escalate": _escalate}[
        request.verdict
    ](request, case)


def cannot_confirm(case: Standing) -> str | None:
    """Why there is nothing to confirm, or None."""
    if case.ai_level is None:
        return "There is no AI result to confirm yet. Override with your own level instead."
    if case.ai_level == "not_gradable":
        return "The AI result says that the photographs cannot be graded: ask for a retake, or override."
    return None


def raised_levels(level: Level) -> tuple[Level, ...]:
    """What a case of this level may be escalated to, the next one first."""
    choices: tuple[Level, ...] = ("urgent", "emergency")
    return tuple(choice for choice in choices if RANK[choice] < RANK[level]) or ("emergency",)


def _field_errors(request: DecisionRequest) -> Iterator[FieldError]:
    needed, allowed = FIELDS[request.verdict]
    given = {name for name in request.model_fields_set - {"verdict"} if getattr(request, name)}
    for name in sorted(needed - given):
        yield FieldError(
            field=name, detail=f"The verdict {request.verdict} needs it.", remedy=WHY_NEEDED[name]
        )
    for name in sorted(given - needed - allowed):
        yield FieldError(
            field=name,
            detail=f"It is no part of the verdict {request.verdict}.",
            remedy="Remove it, or choose the verdict override." if name != "photographs" else "Remove it.",
        )


def _confirm(request: DecisionRequest, case: Standing) -> Outcome:
    refusal = cannot_confirm(case)
    if refusal:
        raise conflict(refusal)
    # The AI result may have come late, and a clinician may have raised the level: the higher one holds.
    level = min(case.level, cast(Level, case.ai_level), key=RANK.__getitem__)
    return Outcome("completed", level, "case.completed", case.ai_condition, request.reason)


def _override(request: DecisionRequest, case: Standing) -> Outcome:
    rule = {"rule": "clinician.override", "text": "A clinician set the level."}
    level = cast(Level, request.level)
    return Outcome("completed", level, "case.completed", request.diagnosis, request.reason, rule)


def _retake(request: DecisionRequest, case: Standing) -> Outcome:
    unknown = [n for n in request.photographs if n not in case.photographs]
    if unknown:
        raise _wrong("photographs", "The case has no such photograph.", "Name the numbers shown in the case.")
    return Outcome("needs_retake", case.level, "case.needs_retake", reason=_instruction(request))


def _instruction(request: DecisionRequest) -> str | None:
    # People count photographs from 1, programs from 0.
    numbers = [str(n + 1) for n in sorted(set(request.photographs))]
    if not numbers:
        return request.reason
    named = "Photograph" if len(numbers) == 1 else "Photographs"
    return f"{named} {', '.join(numbers)}: {request.reason}"


def _escalate(request: DecisionRequest, case: Standing) -> Outcome:
    choices = raised_levels(case.level)
    level = request.level or choices[0]
    if level not in choices:
        allowed = " or ".join(choices)
        raise _wrong("level", "Escalation raises the level.", f"Choose {allowed}, or override instead.")
    rule = {"rule": "clinician.escalated", "text": "A clinician raised the level."}
    return Outcome("awaiting_review", level, "case.escalated", reason=request.reason, rule=rule)


def _wrong(field: str, detail: str, remedy: str) -> Problem:
    return invalid(f"Please correct: {field}", [FieldError(field=field, detail=detail, remedy=remedy)])

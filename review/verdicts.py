"""What a verdict says: pure, over plain data. Knows no SQL; what it changes is the matter of `effects`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from review.counting import Diagnosis
from review.schemas import DecisionRequest
from triage import OTHER, RANK, Condition, Diagnoses, Level
from web.problem import FieldError, Problem, conflict, invalid
from web.texts import marked as _l


class Standing(NamedTuple):
    """How a case stands before the decision; no `ai_level` where there is no AI result."""

    level: Level
    photographs: Sequence[int]
    ai_level: Level | None = None
    ai_condition: Diagnosis | None = None


@dataclass(frozen=True)
class Outcome:
    """What a reader says of the case. `rule` names their part in its reasons, where there is one."""

    status: str
    level: Level
    diagnosis: Diagnosis | None = None
    diagnosis_code: str | None = None
    reason: str | None = None
    rule: dict[str, Any] | None = None

    @property
    def completes(self) -> bool:
        """True where the clinician's answer goes to the platform as the result."""
        return self.status == "completed"


OVERRIDE_RULE = {"rule": "clinician.override", "text": _l("A clinician set the level.")}

# Per verdict: the fields that it needs, and those that it may have.
FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "confirm": (set(), {"reason", "laboratory", "second_reading"}),
    "override": ({"level", "reason"}, {"diagnosis", "laboratory", "second_reading"}),
    "retake": ({"reason"}, {"photographs"}),
    "escalate": (set(), {"level", "reason"}),
}

# Who reads a case again says what it is; the case itself is not sent on.
AGAIN = ("second", "adjudication")
VERDICTS_AGAIN = ("confirm", "override")

WHY_NEEDED = {
    "level": _l("Choose the level that you give."),
    "reason": _l("Say why in a few words; for a retake, what to photograph better."),
}


def outcome_of(
    request: DecisionRequest, case: Standing, diagnoses: Diagnoses, kind: str = "first"
) -> Outcome:
    """Apply a verdict in a reading of this kind. Raises Problem: 422 names the field, 409 what is lacking."""
    errors = [*_field_errors(request), *_errors_of_kind(request, kind)]
    if errors:
        named = ", ".join(error.field for error in errors)
        raise invalid(f"Please correct: {named}", errors)
    if request.verdict == "confirm":
        return _confirm(request, case, diagnoses)
    if request.verdict == "override":
        return _override(request, diagnoses)
    return (_retake if request.verdict == "retake" else _escalate)(request, case)


def coded(diagnosis: str | None, diagnoses: Diagnoses, field: str) -> tuple[Diagnosis | None, str | None]:
    """What a chosen diagnosis counts as, and its entry in the list. Raises Problem 422 on `field`."""
    if diagnosis is None or diagnosis == OTHER:
        return (OTHER if diagnosis else None), None
    entry = diagnoses.by_id.get(diagnosis)
    if entry is None:
        raise wrong(
            field, _l("The list of diagnoses has no such entry."), _l("Choose one of the list, or other.")
        )
    return entry.condition or OTHER, entry.id


def says_the_same(level: str | None, diagnosis: str | None, code: str | None, outcome: Outcome) -> bool:
    """True when two readings agree: the same level and diagnosis; codes tell other diagnoses apart."""
    same = (level, diagnosis) == (outcome.level, outcome.diagnosis)
    return same and (diagnosis != OTHER or code == outcome.diagnosis_code)


def cannot_confirm(case: Standing) -> str | None:
    """Why there is nothing to confirm, or None."""
    if case.ai_level is None:
        return _l("There is no AI result to confirm yet. Override with your own level instead.")
    if case.ai_level == "not_gradable":
        return _l("The AI result says that the photographs cannot be graded: ask for a retake, or override.")
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
            remedy=_l("Remove it, or choose the verdict override.")
            if name != "photographs"
            else _l("Remove it."),
        )


def _errors_of_kind(request: DecisionRequest, kind: str) -> Iterator[FieldError]:
    if kind not in AGAIN:
        return
    if request.verdict not in VERDICTS_AGAIN:
        yield FieldError(
            field="verdict", detail=_l("A case that is read again is not sent on."),
            remedy=_l("Confirm or override."),
        )  # fmt: skip
    if request.second_reading:
        yield FieldError(
            field="second_reading", detail=_l("This is a further reading already."), remedy=_l("Remove it.")
        )


def _confirm(request: DecisionRequest, case: Standing, diagnoses: Diagnoses) -> Outcome:
    refusal = cannot_confirm(case)
    if refusal:
        raise conflict(refusal)
    # The AI result may have come late, and a clinician may have raised the level: the higher one holds.
    level = min(case.level, cast(Level, case.ai_level), key=RANK.__getitem__)
    condition = case.ai_condition
    code = diagnoses.of_condition(cast(Condition, condition)).id if condition else None
    return Outcome("completed", level, condition, code, request.reason)


def _override(request: DecisionRequest, diagnoses: Diagnoses) -> Outcome:
    level = cast(Level, request.level)
    diagnosis, code = coded(request.diagnosis, diagnoses, "diagnosis")
    return Outcome("completed", level, diagnosis, code, request.reason, OVERRIDE_RULE)


def _retake(request: DecisionRequest, case: Standing) -> Outcome:
    unknown = [n for n in request.photographs if n not in case.photographs]
    if unknown:
        raise wrong(
            "photographs", _l("The case has no such photograph."), _l("Name the numbers shown in the case.")
        )
    return Outcome("needs_retake", case.level, reason=_instruction(request))


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
        remedy = _l("Choose a more urgent level, or override instead.")
        raise wrong("level", _l("Escalation raises the level."), remedy)
    rule = {"rule": "clinician.escalated", "text": _l("A clinician raised the level.")}
    return Outcome("awaiting_review", level, reason=request.reason, rule=rule)


def wrong(field: str, detail: str, remedy: str) -> Problem:
    """422 about one field."""
    return invalid(f"Please correct: {field}", [FieldError(field=field, detail=detail, remedy=remedy)])

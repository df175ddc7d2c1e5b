"""What a case becomes after the model has read it, could not read it, or was lost with it: pure functions.

A level only rises here: what the rules, an earlier reading or a clinician gave stays in force.
"""

from dataclasses import replace
from typing import cast

from db.queue_changes import LockedCase
from triage import RANK, Decision, Findings, Level, Policy, at_least, due_at

# The most urgent level that a case without AI result may fall short of: a clinician sees it within a day.
LEVEL_WITHOUT_RESULT: Level = "priority"
NO_AI_RESULT = {
    "rule": "no_ai_result",
    "text": "The model could not assess this case; a clinician reads it without an AI result.",
}


def is_late(case: LockedCase) -> bool:
    """True when a clinician holds the case, has held or decided it, so that the result comes behind."""
    return case.status not in ("queued", "assessing")


def assessed(case: LockedCase, findings: Findings, decision: Decision, policy: Policy) -> LockedCase:
    """The case with its assessment. A decided case keeps all that was decided; a cancelled one gets none."""
    if case.status == "cancelled":
        return replace(case, assess_state="none")
    if case.status == "completed":
        return replace(case, assess_state="done", batch_limit=0)
    keeps = RANK[_level(case)] < decision.rank
    level = _level(case) if keeps else decision.level
    reasons = [reason.model_dump() for reason in decision.reasons]
    status = case.status if is_late(case) else _status_after(case, decision)
    return replace(
        case,
        status=status,
        # `none` while new photographs are asked for: intake sets it to `waiting` when they come.
        assess_state="none" if status == "needs_retake" else "done",
        level=level,
        rank=RANK[level],
        due_at=due_at(case.accepted_at, level, policy),
        flags=list(decision.flags),
        reasons=_united(case.reasons, reasons) if keeps else reasons,
        batch_limit=0,
        counted=[{"condition": findings.top.condition, "status": "preliminary"}] if findings.gradable else [],
    )


def _status_after(case: LockedCase, decision: Decision) -> str:
    """New photographs are asked for once; a second set that cannot be graded goes to a clinician."""
    if decision.level == "not_gradable" and case.round == 0:
        return "needs_retake"
    return "awaiting_review"


def failed_alone(case: LockedCase, max_attempts: int, policy: Policy) -> LockedCase:
    """The case after it failed by itself: back in the queue, alone again, or left to clinicians."""
    attempts = case.attempts + 1
    if attempts < max_attempts:
        return replace(_waiting(case), attempts=attempts, batch_limit=1)
    return _given_up(replace(case, attempts=attempts), policy)


def lost(case: LockedCase, max_attempts: int, policy: Policy) -> LockedCase:
    """The case after its lease ended unheard: in smaller company, or an attempt counted if it ran alone.

    Only a suspect surely did: a worker may hold several batches of others at once, and lose them all.
    """
    together = case.lease_batch or 1
    if together == 1 and case.batch_limit > 0:
        return failed_alone(case, max_attempts, policy)
    return replace(_waiting(case), batch_limit=max(1, together // 2))


def given_back(case: LockedCase) -> LockedCase:
    """The case as it was before the claim: the worker ends or cannot reach the photographs."""
    return _waiting(case)


def _waiting(case: LockedCase) -> LockedCase:
    if case.status == "cancelled":
        return replace(case, assess_state="none")
    status = "queued" if case.status == "assessing" else case.status
    return replace(case, assess_state="waiting", status=status)


def _given_up(case: LockedCase, policy: Policy) -> LockedCase:
    case = replace(case, assess_state="failed")
    if case.status == "completed":
        return case
    level = _level(case) if at_least(_level(case), LEVEL_WITHOUT_RESULT) else LEVEL_WITHOUT_RESULT
    return replace(
        case,
        status="failed" if case.status == "assessing" else case.status,
        level=level,
        rank=RANK[level],
        due_at=due_at(case.accepted_at, level, policy),
        flags=list(dict.fromkeys([*case.flags, "no_ai_result"])),
        reasons=_united(case.reasons, [NO_AI_RESULT]),
    )


def _united(first: list[dict[str, str]], second: list[dict[str, str]]) -> list[dict[str, str]]:
    named = {reason["rule"] for reason in first}
    return [*first, *(reason for reason in second if reason["rule"] not in named)]


def _level(case: LockedCase) -> Level:
    # The column holds nothing else.
    return cast(Level, case.level)

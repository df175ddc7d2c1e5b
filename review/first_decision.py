"""The first reader's decision: a result, or something to be done before there can be one."""

from dataclasses import replace

from review import effects
from review.deciding import Deciding
from review.shown_case import before_decisions
from triage import Level, second_reading


def record_first(deciding: Deciding) -> None:
    """A result takes effect at once, but for a lowered level that another person must read first.

    A known case ends like any other for its reader, and with any verdict; nobody else hears of it.
    """
    if not deciding.outcome.completes:
        _send_on(deciding)
        return
    outcome, case = deciding.outcome, deciding.case
    why = why_read_again(deciding)
    waits = bool(why) and deciding.lowers
    if waits and not case.known:
        effect = effects.waits(case, outcome)
    else:
        counted = before_decisions(deciding.session, case).get("counted", case.counted)
        effect = effects.stands(case, outcome, deciding.laboratory, counted, deciding.at, deciding.undo_until)
    in_force: Level = effect.values.get("level", case.level)
    before = deciding.apply(effect, f"review.{deciding.verdict}", " waits" if waits else "")
    if why and not case.known:
        before["opened"] = str(deciding.ask_for("second", why, takes_effect=waits, level=in_force))
    deciding.close(final_at=None if waits else deciding.undo_until, before=before)


def why_read_again(deciding: Deciding) -> tuple[str, ...]:
    """Why another person must read the case: the policy's rules, and the reader's own wish."""
    found = second_reading(
        deciding.rules.policy.readings,
        before=deciding.level_in_force,
        decided=deciding.outcome.level,
        diagnosis=deciding.outcome.diagnosis,
        ai_level=deciding.ai_level,
        review_id=deciding.review.id,
    )
    return (*found, *(("requested",) if deciding.requested else ()))


def _send_on(deciding: Deciding) -> None:
    """New photographs and escalation are asked for at once, and cannot be undone."""
    effect = effects.sent_on(deciding.case, deciding.outcome, deciding.rules.policy, deciding.at)
    if deciding.case.known:
        ended = {"completed_at": deciding.at, "final_at": deciding.at}
        effect = replace(effect, status="completed", values=effect.values | ended)
    deciding.apply(effect, f"review.{deciding.verdict}")
    deciding.close(final_at=deciding.at)

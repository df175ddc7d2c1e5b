"""Second readings and adjudications: what another person's reading makes of a decision."""

from dataclasses import replace

from db.further_changes import finish
from db.models import FurtherReading, Review
from review import effects
from review.deciding import Deciding, settle, standing_review
from review.shown_case import before_decisions
from review.verdicts import OVERRIDE_RULE, Outcome, says_the_same, wrong
from triage import RANK, Laboratory, Level
from web.texts import marked as _l

NEEDS_REASON = _l("Say in a few words why the level is lowered.")


def record_second(deciding: Deciding, further: FurtherReading) -> None:
    """Where two agree, what waited takes effect. Where they differ a senior decides."""
    checked = deciding.session.get_one(Review, further.review_id)
    finish(deciding.session, further.id, deciding.at)
    if says_the_same(checked.level, checked.diagnosis, checked.diagnosis_code, deciding.outcome):
        _agree(deciding, further, checked)
    else:
        _differ(deciding, further, checked)


def record_adjudication(deciding: Deciding, further: FurtherReading) -> None:
    """A senior's word is the result, whatever the two before said. Raises Problem 422 without a reason."""
    if deciding.lowers and not deciding.outcome.reason:
        raise wrong("reason", _l("It is needed where a level is lowered."), NEEDS_REASON)
    finish(deciding.session, further.id, deciding.at)
    if _stands_already(deciding):
        settle(deciding.session, deciding.case, deciding.at)
        same = effects.nothing(deciding.case, deciding.outcome.level)
        same = replace(same, values=effects.settled(deciding.case, deciding.at))
        before = deciding.apply(same, _action(deciding))
        deciding.close(final_at=deciding.at, before=before, undo=False)
        return
    standing = deciding.case.status == "completed"
    before = _take_effect(deciding, deciding.outcome, deciding.laboratory)
    before["reading"] = str(further.id)
    final_at = deciding.at if standing else deciding.undo_until
    deciding.close(final_at=final_at, before=before, undo=not standing)


def _agree(deciding: Deciding, further: FurtherReading, checked: Review) -> None:
    standing = deciding.case.status == "completed"
    if further.takes_effect:
        laboratory = Laboratory.model_validate(checked.laboratory) if checked.laboratory else None
        before = _take_effect(deciding, _outcome_of(checked), laboratory, " agrees")
        before["took_effect"] = str(checked.id)
        checked.final_at = deciding.at if standing else deciding.undo_until
    else:
        effect = effects.nothing(deciding.case, deciding.outcome.level)
        before = deciding.apply(effect, _action(deciding), " agrees")
    before["reading"] = str(further.id)
    deciding.close(final_at=None, before=before, undo=not (further.takes_effect and standing))


def _differ(deciding: Deciding, further: FurtherReading, checked: Review) -> None:
    case, outcome = deciding.case, deciding.outcome
    raises = RANK[outcome.level] < RANK[deciding.level_in_force]
    stood = case.status == "completed"
    if raises:
        if stood:
            settle(deciding.session, case, deciding.at)
        effect = effects.raises(case, outcome, deciding.rules.policy, deciding.at)
    else:
        effect = effects.nothing(case, outcome.level)
    in_force: Level = effect.values.get("level", case.level)
    before = deciding.apply(effect, _action(deciding), " differs")
    opened = deciding.ask_for(
        "adjudication", ("readings_differ",), takes_effect=further.takes_effect, level=in_force,
        checked=checked,
    )  # fmt: skip
    before |= {"opened": str(opened), "reading": str(further.id)}
    deciding.close(final_at=deciding.at if raises and stood else None, before=before, undo=not raises)


def _take_effect(
    deciding: Deciding, outcome: Outcome, laboratory: Laboratory | None, remark: str = ""
) -> dict[str, object]:
    if deciding.case.status == "completed":
        settle(deciding.session, deciding.case, deciding.at)
    counted = before_decisions(deciding.session, deciding.case).get("counted", deciding.case.counted)
    effect = effects.stands(deciding.case, outcome, laboratory, counted, deciding.at, deciding.undo_until)
    return deciding.apply(effect, _action(deciding), remark)


def _stands_already(deciding: Deciding) -> bool:
    """True where a result stands that says the same."""
    standing = standing_review(deciding.session, deciding.case.id)
    if deciding.case.status != "completed" or standing is None:
        return False
    in_force = deciding.case.level
    return says_the_same(in_force, standing.diagnosis, standing.diagnosis_code, deciding.outcome)


def _outcome_of(review: Review) -> Outcome:
    rule = OVERRIDE_RULE if review.verdict == "override" else None
    recorded = Outcome("completed", review.level, review.diagnosis, review.diagnosis_code)  # type: ignore[arg-type]
    return replace(recorded, reason=review.reason, rule=rule)


def _action(deciding: Deciding) -> str:
    return f"review.{deciding.review.kind}.{deciding.verdict}"

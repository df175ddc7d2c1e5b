"""From findings and clinical information to a decision: pure, and the same for every order of its inputs.

Rules raise the level, never lower it: the most urgent rule that fires decides, and every rule that fires is
named. Without findings the decision is the rule floor, which a case gets before any model.
"""

from collections.abc import Iterable, Iterator
from typing import get_args

from triage.clinical import Clinical
from triage.decision import RANK, Decision, Flag, Level, Reason
from triage.facts import Truth, truth_of
from triage.findings import Findings
from triage.flags import flags_of_findings
from triage.policy import Policy
from triage.rule import Outcome, Rule


def decide(findings: Findings | None, clinical: Clinical, policy: Policy) -> Decision:
    """The level, its target, flags and reasons of one case under `policy`.

    With findings the level is never less urgent than without. `not_gradable` appears only where no rule fires
    and no photograph can be graded. The flag `no_ai_result` is for those to add who know of it.
    """
    outcomes = _outcomes(findings, clinical, policy)
    fired = sorted((rule for rule, truth in outcomes.items() if truth), key=_red_flags_then_urgency)
    undecided = any(truth is None for truth in outcomes.values())
    level, named = _level_and_reasons(findings, fired, policy)
    return Decision(
        level=level,
        target=policy.targets[level].elapsed,
        flags=_in_order(_flags(findings, fired, undecided, policy)),
        reasons=tuple(Reason(rule=outcome.id, text=outcome.text) for outcome in named),
        policy_version=policy.label,
    )


def _outcomes(findings: Findings | None, clinical: Clinical, policy: Policy) -> dict[Rule, Truth]:
    suspected = policy.thresholds.suspected
    facts = {fact: truth_of(fact, clinical, findings, suspected) for fact in policy.facts}
    return {rule: rule.holds(facts) for rule in policy.rules}


def _level_and_reasons(
    findings: Findings | None, fired: list[Rule], policy: Policy
) -> tuple[Level, tuple[Outcome, ...]]:
    if fired:
        return min((rule.level for rule in fired), key=RANK.__getitem__), tuple(fired)
    if findings is not None and not findings.gradable:
        return "not_gradable", (policy.not_gradable,)
    return "routine", (policy.default,)


def _flags(findings: Findings | None, fired: list[Rule], undecided: bool, policy: Policy) -> Iterator[Flag]:
    if any(rule.is_red_flag for rule in fired):
        yield "red_flag"
    if undecided:
        yield "incomplete_information"
    if findings is not None:
        yield from flags_of_findings(findings, policy.thresholds)


def _in_order(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    return tuple(sorted(flags, key=get_args(Flag).index))


def _red_flags_then_urgency(rule: Rule) -> tuple[bool, int, str]:
    return not rule.is_red_flag, RANK[rule.level], rule.id

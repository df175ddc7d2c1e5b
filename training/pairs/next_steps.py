"""What the default policy makes of a suspicion and the given facts; see docs/CLINICAL.md."""

from functools import cache

from triage.clinical import Clinical
from triage.decide import decide
from triage.decision import Reason
from triage.findings import CONDITION_NAMES, CONDITIONS, Condition, Finding, Findings
from triage.policy import Policy, load_policy


def next_step(conditions: tuple[Condition, ...], clinical: Clinical) -> dict[str, str]:
    """`level`, `within` (the time to first review) and `reasons`: the sentences of all rules that fire."""
    shares = {condition: 1 / len(conditions) for condition in conditions}
    findings = tuple(Finding(condition=each, probability=shares.get(each, 0.0)) for each in CONDITIONS)
    decision = decide(Findings(findings=findings), clinical, _policy())
    target = _policy().targets[decision.level]
    return {
        "level": decision.level,
        "within": f"{target.amount} {target.unit.replace('_', ' ')}",
        "reasons": " ".join(dict.fromkeys(_sentence(reason) for reason in decision.reasons)),
    }


def _sentence(reason: Reason) -> str:
    """The policy's own sentence; of a suspicion without the model, of which a pair knows nothing."""
    for condition, name in CONDITION_NAMES.items():
        if reason.rule == f"model.suspected_{condition}":
            return f"{name[:1].upper()}{name[1:]} is suspected."
    return reason.text


@cache
def _policy() -> Policy:
    return load_policy()

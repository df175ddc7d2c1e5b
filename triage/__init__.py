"""From findings and clinical information to a level, flags and reasons: pure functions over plain data.

Home of the types that rooms share: `Clinical`, `Findings`, `Decision`.
"""

from triage.clinical import Clinical
from triage.decide import decide
from triage.decision import LEVELS, RANK, Decision, Flag, Level, Reason, at_least
from triage.due import due_at
from triage.findings import CONDITION_NAMES, CONDITIONS, Condition, Finding, Findings, ImageQuality
from triage.policy import Policy, load_policy
from triage.policy_errors import PolicyError

__all__ = [
    "CONDITIONS",
    "CONDITION_NAMES",
    "LEVELS",
    "RANK",
    "Clinical",
    "Condition",
    "Decision",
    "Finding",
    "Findings",
    "Flag",
    "ImageQuality",
    "Level",
    "Policy",
    "PolicyError",
    "Reason",
    "at_least",
    "decide",
    "due_at",
    "load_policy",
]

"""From findings and clinical information to a level, flags and reasons: pure functions over plain data.

Home of the types that rooms share: `Clinical`, `Findings`, `Decision`.
"""

from triage.clinical import Clinical
from triage.decision import LEVELS, RANK, Decision, Flag, Level, Reason, at_least
from triage.findings import CONDITION_NAMES, CONDITIONS, Condition, Finding, Findings, ImageQuality

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
    "Reason",
    "at_least",
]

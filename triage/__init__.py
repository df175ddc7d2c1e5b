"""From findings and clinical information to a level, flags and reasons: pure functions over plain data.

Home of the types that rooms share: `Clinical`, `Findings`, `Decision`.
"""

from triage.case_status import Laboratory, SurveillanceStatus, surveillance_status
from triage.clinical import Clinical
from triage.decide import decide
from triage.decision import LEVELS, RANK, Decision, Flag, Level, Reason, at_least
from triage.diagnoses import OTHER, CodedDiagnosis, Diagnoses, load_diagnoses
from triage.due import due_at
from triage.example import example_clinical
from triage.findings import CONDITION_NAMES, CONDITIONS, Condition, Finding, Findings, ImageQuality
from triage.policy import Policy, load_policy
from triage.policy_errors import PolicyError
from triage.readings import Readings, reads_blind, second_reading
from triage.wording import Fact, facts_in_words

__all__ = [
    "CONDITIONS",
    "CONDITION_NAMES",
    "LEVELS",
    "OTHER",
    "RANK",
    "Clinical",
    "CodedDiagnosis",
    "Condition",
    "Decision",
    "Diagnoses",
    "Fact",
    "Finding",
    "Findings",
    "Flag",
    "ImageQuality",
    "Laboratory",
    "Level",
    "Policy",
    "PolicyError",
    "Readings",
    "Reason",
    "SurveillanceStatus",
    "at_least",
    "decide",
    "due_at",
    "example_clinical",
    "facts_in_words",
    "load_diagnoses",
    "load_policy",
    "reads_blind",
    "second_reading",
    "surveillance_status",
]

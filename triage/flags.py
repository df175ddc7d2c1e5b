"""Why a clinician should look twice: signals of the model's own doubt and of the photographs.

Knows nothing of levels: a flag never changes one.
"""

import math
from collections.abc import Iterator, Sequence

from triage.decision import Flag
from triage.findings import CONDITIONS, Condition, Finding, Findings
from triage.policy import Thresholds


def flags_of_findings(findings: Findings, thresholds: Thresholds) -> Iterator[Flag]:
    """The flags that a model's reading carries, in the order of `Flag`."""
    if low_confidence(findings, thresholds):
        yield "low_confidence"
    if models_disagree(findings, thresholds):
        yield "models_disagree"
    if any(quality.issues or not quality.gradable for quality in findings.image_quality):
        yield "image_quality"
    if findings.image_ignored:
        yield "image_ignored"
    if findings.explanation_conflict:
        yield "explanation_conflict"


def low_confidence(findings: Findings, thresholds: Thresholds) -> bool:
    """True where the prediction set is too large, or empty: nothing known fits.

    Without a set: where the top probability is low, or the entropy (0 sure, 1 no idea at all) is high.
    """
    if findings.prediction_set is not None:
        return not 1 <= len(findings.prediction_set) <= thresholds.low_confidence_set_above
    top = max((finding.probability for finding in findings.findings), default=0.0)
    return (
        top < thresholds.low_confidence_top_below
        or entropy(findings.findings) > thresholds.low_confidence_entropy_above
    )


def entropy(findings: Sequence[Finding]) -> float:
    """Shannon entropy over its greatest value for ten conditions: 0 to 1, whatever the order."""
    # fsum is exact, so that a threshold cannot be crossed by another order of the same findings.
    nats = -math.fsum(f.probability * math.log(f.probability) for f in findings if f.probability > 0)
    return nats / math.log(len(CONDITIONS))


def models_disagree(findings: Findings, thresholds: Thresholds) -> bool:
    """True where both views have other tops and differ in some condition by the policy's difference."""
    if not findings.classifier or _tops(findings.findings) & _tops(findings.classifier):
        return False
    told, seen = _by_condition(findings.findings), _by_condition(findings.classifier)
    return any(
        abs(told.get(condition, 0.0) - seen.get(condition, 0.0)) >= thresholds.models_disagree_by
        for condition in CONDITIONS
    )


def _by_condition(findings: Sequence[Finding]) -> dict[Condition, float]:
    return {finding.condition: finding.probability for finding in findings}


def _tops(findings: Sequence[Finding]) -> set[Condition]:
    """The most probable condition, or all of them at a tie, so that order does not matter."""
    best = max((finding.probability for finding in findings), default=0.0)
    return {finding.condition for finding in findings if finding.probability == best}

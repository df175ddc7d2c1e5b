"""The numbers behind a reading's flags, for the clinician and for statistics. No level depends on them."""

import math
from typing import Any

from triage.findings import CONDITIONS, Findings
from triage.flags import entropy


def signals_of(findings: Findings) -> dict[str, float | None]:
    """`entropy` and `disagreement` and `image_dependence`, each 0 to 1; None where it was not measured."""
    return {
        "entropy": entropy(findings.findings),
        "disagreement": disagreement(findings),
        "image_dependence": findings.image_dependence,
    }


def prediction_set_of(findings: Findings) -> dict[str, Any]:
    """`prediction_set` and its `coverage`; nothing for a model without conformal calibration."""
    if findings.prediction_set is None:
        return {}
    return {"prediction_set": list(findings.prediction_set), "coverage": findings.set_coverage}


def disagreement(findings: Findings) -> float | None:
    """Total variation between findings and classifier: 0 (the same) to 1; None without a classifier."""
    if not findings.classifier:
        return None
    seen = {finding.condition: finding.probability for finding in findings.classifier}
    apart = math.fsum(abs(findings.probability_of(c) - seen.get(c, 0.0)) for c in CONDITIONS) / 2
    return min(1.0, apart)
